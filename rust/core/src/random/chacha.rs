//! ChaCha with 8 rounds (Bernstein 2008), sixteen blocks at a time.
//!
//! State: 4 constants, 8 key words, a 64-bit block counter and a 64-bit nonce, as in the original cipher.
//! The nonce holds the purpose and the attempt (`purpose + 256 * attempt`), then the stream version.

use super::STREAM_VERSION;
use crate::simd::{Vector, Words};

/// Words of one block.
pub const BLOCK_WORDS: usize = 16;
/// Blocks made together.
pub const LANES: usize = 16;

const CONSTANTS: [u32; 4] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];

/// What a stream is for; no two purposes share words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Pool, anchor, partner and lam: one block a row, further attempts at lam in further blocks.
    Plan = 0,
    /// Normal variates: 64 blocks for every 1024 elements of the output.
    Noise = 1,
    /// Anchor, partner and lam of mixup, laid out as in [`Purpose::Plan`].
    Mixup = 2,
    /// Anchor and window of cutout: one block a row.
    Cutout = 3,
    /// Anchor, partner and window of CutMix: one block a row.
    CutMix = 4,
    /// Anchor of Gaussian noise: one block a row.
    GaussianNoise = 5,
    /// Normal variates of Gaussian noise, laid out as in [`Purpose::Noise`].
    GaussianNoiseNormals = 6,
    /// Anchor of duplication: one block a row.
    Duplicate = 7,
}

/// The key of all streams of one call.
#[derive(Debug, Clone, Copy)]
pub struct Key(pub [u32; 8]);

/// Sixteen blocks, word by word: `lanes[word][lane]`.
pub type Lanes = [[u32; LANES]; BLOCK_WORDS];

/// The rounds on blocks that begin as `start`, as many as a register has lanes, word by word.
///
/// # Safety
/// The machine has the instruction set of `W`.
#[inline(always)]
unsafe fn rounds<W: Words>(start: [W; BLOCK_WORDS]) -> [W; BLOCK_WORDS] {
    let mut state = start;
    // SAFETY: the caller's.
    unsafe {
        // Unrolled: in plain Rust, the compiler leaves a loop of double rounds scalar.
        double_round(&mut state);
        double_round(&mut state);
        double_round(&mut state);
        double_round(&mut state);
        for word in 0..BLOCK_WORDS {
            state[word] = state[word].add(start[word]);
        }
    }
    state
}

#[inline(always)]
unsafe fn double_round<W: Words>(state: &mut [W; BLOCK_WORDS]) {
    // SAFETY: the caller's.
    unsafe {
        quarter_round(state, 0, 4, 8, 12);
        quarter_round(state, 1, 5, 9, 13);
        quarter_round(state, 2, 6, 10, 14);
        quarter_round(state, 3, 7, 11, 15);
        quarter_round(state, 0, 5, 10, 15);
        quarter_round(state, 1, 6, 11, 12);
        quarter_round(state, 2, 7, 8, 13);
        quarter_round(state, 3, 4, 9, 14);
    }
}

#[inline(always)]
unsafe fn quarter_round<W: Words>(state: &mut [W; BLOCK_WORDS], a: usize, b: usize, c: usize, d: usize) {
    // SAFETY: the caller's.
    unsafe {
        state[a] = state[a].add(state[b]);
        state[d] = state[d].xor_rotate::<16, 16>(state[a]);
        state[c] = state[c].add(state[d]);
        state[b] = state[b].xor_rotate::<12, 20>(state[c]);
        state[a] = state[a].add(state[b]);
        state[d] = state[d].xor_rotate::<8, 24>(state[a]);
        state[c] = state[c].add(state[d]);
        state[b] = state[b].xor_rotate::<7, 25>(state[c]);
    }
}

impl Key {
    /// The sixteen blocks from `counter` on.
    #[inline(always)]
    pub(crate) fn lanes<V: Vector>(self, purpose: Purpose, counter: u64) -> Lanes {
        // No closures here or in the callers: they would be compiled for the baseline instruction set.
        let mut counters = [counter; LANES];
        for (lane, counter) in counters.iter_mut().enumerate() {
            *counter = counter.wrapping_add(lane as u64);
        }
        self.lanes_at::<V>(purpose, [0; LANES], counters)
    }

    /// Sixteen blocks anywhere, each with its attempt.
    #[inline(always)]
    pub(crate) fn lanes_at<V: Vector>(
        self,
        purpose: Purpose,
        attempts: [u32; LANES],
        counters: [u64; LANES],
    ) -> Lanes {
        let [mut low, mut high, mut nonce] = [[0_u32; LANES]; 3];
        for lane in 0..LANES {
            low[lane] = counters[lane] as u32;
            high[lane] = (counters[lane] >> 32) as u32;
            nonce[lane] = (purpose as u32).wrapping_add(attempts[lane] << 8);
        }
        let mut out = [[0; LANES]; BLOCK_WORDS];
        for first in (0..LANES).step_by(V::Words::LANES) {
            // SAFETY: as everywhere, code for `V` runs within its dispatch; the arrays hold `LANES` values, of which
            // `V::Words::LANES` from `first` on are left.
            unsafe {
                let mut start = [V::Words::splat(STREAM_VERSION); BLOCK_WORDS];
                for word in 0..4 {
                    start[word] = V::Words::splat(CONSTANTS[word]);
                }
                for word in 0..8 {
                    start[4 + word] = V::Words::splat(self.0[word]);
                }
                start[12] = V::Words::load(low.as_ptr().add(first));
                start[13] = V::Words::load(high.as_ptr().add(first));
                start[14] = V::Words::load(nonce.as_ptr().add(first));
                let state = rounds(start);
                for word in 0..BLOCK_WORDS {
                    state[word].store(out[word].as_mut_ptr().add(first));
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{dispatch, Isa, Portable};

    /// Test vectors of draft-strombergson-chacha-test-vectors-01, ChaCha8 with a 256-bit key:
    /// the first 16 bytes of key stream blocks 0 and 1.
    #[test]
    fn published_vectors() {
        let bytes = |key: [u32; 8]| -> Vec<u8> {
            let mut start = [[0; 4]; BLOCK_WORDS];
            for (word, value) in CONSTANTS.into_iter().chain(key).enumerate() {
                start[word] = [value; 4];
            }
            // SAFETY: plain code.
            let block = unsafe { rounds(start) };
            block.iter().flat_map(|lanes| lanes[3].to_le_bytes()).collect()
        };
        // TC1: all-zero key and nonce.
        let block = bytes([0; 8]);
        assert_eq!(
            block[..16],
            [0x3e, 0x00, 0xef, 0x2f, 0x89, 0x5f, 0x40, 0xd6, 0x7f, 0x5b, 0xb8, 0xe8, 0x1f, 0x09, 0xa5, 0xa1]
        );
        // TC2: a single bit in the key.
        let block = bytes([1, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(
            block[..16],
            [0xcf, 0x5e, 0xe9, 0xa0, 0x49, 0x4a, 0xa9, 0x61, 0x3e, 0x05, 0xd5, 0xed, 0x72, 0x5b, 0x80, 0x4b]
        );
    }

    fn block(key: Key, purpose: Purpose, attempt: u32, counter: u64) -> [u32; BLOCK_WORDS] {
        let lanes = key.lanes_at::<Portable>(purpose, [attempt; LANES], [counter; LANES]);
        lanes.map(|word| word[LANES - 1])
    }

    dispatch! {
        fn check_lanes[](key: Key, start: u64) -> () = check_lanes_impl
    }

    #[inline(always)]
    fn check_lanes_impl<V: Vector>(key: Key, start: u64) {
        let lanes = key.lanes::<V>(Purpose::Noise, start);
        let attempts = std::array::from_fn(|lane| lane as u32 * 3);
        let counters = std::array::from_fn(|lane| start + 100 * lane as u64);
        let anywhere = key.lanes_at::<V>(Purpose::Plan, attempts, counters);
        for lane in 0..LANES {
            let consecutive = block(key, Purpose::Noise, 0, start + lane as u64);
            assert_eq!(consecutive, lanes.map(|word| word[lane]));
            let own = block(key, Purpose::Plan, attempts[lane], counters[lane]);
            assert_eq!(own, anywhere.map(|word| word[lane]));
        }
    }

    #[test]
    fn lanes_are_blocks_of_their_own_even_across_the_low_word() {
        let key = Key([1, 2, 3, 4, 5, 6, 7, 8]);
        for start in [0, 5, u64::from(u32::MAX) - 7] {
            Isa::ALL.into_iter().for_each(|isa| check_lanes(isa, key, start));
        }
    }

    #[test]
    fn purposes_and_attempts_do_not_share_words() {
        let key = Key([9; 8]);
        let plan = block(key, Purpose::Plan, 0, 3);
        assert_ne!(plan, block(key, Purpose::Plan, 1, 3));
        assert_ne!(plan, block(key, Purpose::Plan, 0, 4));
        let purposes = [
            Purpose::Plan,
            Purpose::Noise,
            Purpose::Mixup,
            Purpose::Cutout,
            Purpose::CutMix,
            Purpose::GaussianNoise,
            Purpose::GaussianNoiseNormals,
            Purpose::Duplicate,
        ];
        let mut blocks: Vec<_> = purposes.iter().map(|&purpose| block(key, purpose, 0, 3)).collect();
        blocks.sort_unstable();
        blocks.dedup();
        assert_eq!(blocks.len(), purposes.len());
    }
}
