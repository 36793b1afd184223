//! The one prefetcher: cache lines asked for ahead of their use. Nothing is read or written by that, and no
//! result depends on it.

const BYTES: usize = 64;

/// The lines of some memory that have not been asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lines {
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

    /// Asks for the next `n` lines, to read them later: into the second-level cache.
    #[inline(always)]
    fn read_later(&mut self, n: usize) {
        let n = n.min(self.left);
        // By offset, so that the place is written back once and not after every line.
        #[cfg(target_arch = "x86_64")]
        for line in 0..n {
            use std::arch::x86_64::{_mm_prefetch, _MM_HINT_T1};
            // SAFETY: as above.
            unsafe { _mm_prefetch::<_MM_HINT_T1>(self.next.wrapping_add(line * BYTES).cast()) };
        }
        self.next = self.next.wrapping_add(n * BYTES);
        self.left -= n;
    }
}

/// Values that are needed next, asked for little by little while something else is worked on.
#[derive(Debug)]
pub(crate) struct Ahead {
    lines: Lines,
    n_lines: usize,
}

impl Ahead {
    /// Nothing asked for yet.
    pub fn new<T>(values: &[T]) -> Self {
        let lines = Lines::of(values.as_ptr(), values.len());
        Self { lines, n_lines: if values.is_empty() { 0 } else { lines.len() } }
    }

    /// Asks for the same share of the values as `done` is of `all`.
    #[inline(always)]
    pub fn fetch(&mut self, done: usize, all: usize) {
        let asked = self.n_lines - self.lines.len().min(self.n_lines);
        self.lines.read_later((self.n_lines * done / all).saturating_sub(asked));
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

    #[test]
    fn a_share_of_the_values_is_asked_for() {
        let values = [1.0_f64; 800];
        let mut ahead = Ahead::new(&values);
        let all = ahead.n_lines;
        for (done, left) in [(0, all), (1, all - all / 4), (1, all - all / 4), (2, all - all / 2), (4, 0)] {
            ahead.fetch(done, 4);
            assert_eq!(ahead.lines.len(), left);
        }
        Ahead::new::<f64>(&[]).fetch(1, 1);
    }
}
