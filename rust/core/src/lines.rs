//! Cache lines asked for ahead of their use. Nothing is read or written, and no result depends on it.

const BYTES: usize = 64;

/// The lines of some memory that have not been asked for.
#[derive(Debug, Clone, Copy)]
pub struct Lines {
    next: *const u8,
    left: usize,
}

impl Lines {
    /// The lines of `n` values, which may lie anywhere.
    #[inline(always)]
    pub fn of<T>(values: *const T, n: usize) -> Self {
        let next = values.cast::<u8>();
        let offset = next.addr() % BYTES;
        Self { next, left: (offset + n * size_of::<T>()).div_ceil(BYTES) }
    }

    /// No lines.
    pub fn none() -> Self {
        Self { next: std::ptr::null(), left: 0 }
    }

    /// How many.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.left
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.left == 0
    }

    /// Asks for the next `n` lines, to write them.
    #[inline(always)]
    pub fn write(&mut self, n: usize) {
        for _ in 0..n.min(self.left) {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a prefetch has no effect that a program can see and never faults, whatever the address.
            unsafe {
                std::arch::asm!("prefetchw [{}]", in(reg) self.next, options(nostack, preserves_flags, readonly));
            }
            self.next = self.next.wrapping_add(BYTES);
            self.left -= 1;
        }
    }

    /// Asks for all lines, to read them.
    #[inline(always)]
    pub fn read_all(self) {
        #[cfg(target_arch = "x86_64")]
        for line in 0..self.left {
            use std::arch::x86_64::{_mm_prefetch, _MM_HINT_T0};
            // SAFETY: as above.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(self.next.wrapping_add(line * BYTES).cast()) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_is_harmless_at_any_address() {
        let values = [1.0_f64; 100];
        for address in [
            values.as_ptr(),
            std::ptr::null(),
            usize::MAX as *const f64,
            values.as_ptr().wrapping_byte_add(3),
        ] {
            let mut lines = Lines::of(address, 100);
            assert!((13..=14).contains(&lines.left));
            lines.read_all();
            lines.write(5);
            assert!((8..=9).contains(&lines.left));
            lines.write(50);
            assert_eq!(lines.left, 0);
        }
        Lines::none().write(1);
        assert_eq!(values, [1.0; 100]);
    }
}
