//! Normals in the order in which rows need them, a block at a time.

use super::chacha::{Key, Purpose};
use super::normal::{fill_normals, NORMALS_PER_BLOCK};
use crate::simd::{Isa, Lines};

/// The normals of one key and purpose, and the block of them in use.
#[repr(C, align(64))]
pub(crate) struct NormalStream {
    // First, at the start of a cache line: no register of normals is stored across two.
    normals: [f32; NORMALS_PER_BLOCK],
    block: Option<u64>,
    key: Key,
    purpose: Purpose,
    isa: Isa,
}

impl NormalStream {
    /// A stream of which nothing has been made yet.
    #[inline(always)]
    pub fn new(isa: Isa, key: Key, purpose: Purpose) -> Self {
        Self { isa, key, purpose, block: None, normals: [0.0; NORMALS_PER_BLOCK] }
    }

    /// The normals of `out`, whose first is number `element`: at least one, up to the end of their block.
    #[inline(always)]
    pub fn of<T>(&mut self, element: u64, out: &[T]) -> &[f32] {
        let block = element / NORMALS_PER_BLOCK as u64;
        let at = (element % NORMALS_PER_BLOCK as u64) as usize;
        if self.block != Some(block) {
            // Memory is on its way while the normals it will take are made.
            let lines = Lines::of(out.as_ptr(), NORMALS_PER_BLOCK - at);
            fill_normals(self.isa, self.key, self.purpose, block, &mut self.normals, lines);
            self.block = Some(block);
        }
        &self.normals[at..NORMALS_PER_BLOCK.min(at + out.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::normals_from;

    #[test]
    fn parts_end_with_their_blocks_and_are_those_of_the_whole_stream() {
        let (key, start) = (Key([4; 8]), 1000);
        let mut expected = [0.0; 3000];
        normals_from(key, Purpose::Noise, start, &mut expected);
        let mut stream = NormalStream::new(Isa::best(), key, Purpose::Noise);
        let (mut made, mut lengths) = (Vec::new(), Vec::new());
        while made.len() < expected.len() {
            let part = stream.of(start + made.len() as u64, &expected[made.len()..]);
            lengths.push(part.len());
            made.extend_from_slice(part);
        }
        assert_eq!(lengths, [24, 1024, 1024, 928]);
        assert_eq!(made, expected);
    }
}
