//! ChaCha with 8 rounds (Bernstein 2008), sixteen blocks at a time.
//!
//! State: 4 constants, 8 key words, a 64-bit block counter and a 64-bit nonce, as in the original cipher.
//! The nonce holds the purpose and the attempt (`purpose + 256 * attempt`), then the stream version.

use super::STREAM_VERSION;

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

macro_rules! quarter_round {
    ($state:ident, $a:literal, $b:literal, $c:literal, $d:literal) => {
        for lane in 0..N {
            $state[$a][lane] = $state[$a][lane].wrapping_add($state[$b][lane]);
            $state[$d][lane] = ($state[$d][lane] ^ $state[$a][lane]).rotate_left(16);
            $state[$c][lane] = $state[$c][lane].wrapping_add($state[$d][lane]);
            $state[$b][lane] = ($state[$b][lane] ^ $state[$c][lane]).rotate_left(12);
            $state[$a][lane] = $state[$a][lane].wrapping_add($state[$b][lane]);
            $state[$d][lane] = ($state[$d][lane] ^ $state[$a][lane]).rotate_left(8);
            $state[$c][lane] = $state[$c][lane].wrapping_add($state[$d][lane]);
            $state[$b][lane] = ($state[$b][lane] ^ $state[$c][lane]).rotate_left(7);
        }
    };
}

// Unrolled by macro: the compiler leaves a rolled loop of double rounds scalar.
macro_rules! double_round {
    ($state:ident) => {
        quarter_round!($state, 0, 4, 8, 12);
        quarter_round!($state, 1, 5, 9, 13);
        quarter_round!($state, 2, 6, 10, 14);
        quarter_round!($state, 3, 7, 11, 15);
        quarter_round!($state, 0, 5, 10, 15);
        quarter_round!($state, 1, 6, 11, 12);
        quarter_round!($state, 2, 7, 8, 13);
        quarter_round!($state, 3, 4, 9, 14);
    };
}

// Unrolled too: a loop over words and lanes becomes gathers and scatters.
macro_rules! add_words {
    ($state:ident, $start:ident, $($word:literal)*) => {
        $(
            for lane in 0..N {
                $state[$word][lane] = $state[$word][lane].wrapping_add($start[$word][lane]);
            }
        )*
    };
}

/// `N` blocks, word by word.
#[inline(always)]
fn blocks<const N: usize>(key: Key, nonces: [[u32; N]; 2], counters: [u64; N]) -> [[u32; N]; BLOCK_WORDS] {
    let mut start = [[0_u32; N]; BLOCK_WORDS];
    for word in 0..4 {
        start[word] = [CONSTANTS[word]; N];
    }
    for word in 0..8 {
        start[4 + word] = [key.0[word]; N];
    }
    for lane in 0..N {
        start[12][lane] = counters[lane] as u32;
        start[13][lane] = (counters[lane] >> 32) as u32;
    }
    [start[14], start[15]] = nonces;

    let mut state = start;
    double_round!(state);
    double_round!(state);
    double_round!(state);
    double_round!(state);
    add_words!(state, start, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
    state
}

impl Key {
    /// The nonces of blocks for one purpose; attempts differ from lane to lane.
    #[inline(always)]
    fn nonces<const N: usize>(purpose: Purpose, attempts: [u32; N]) -> [[u32; N]; 2] {
        let mut first = attempts;
        for word in &mut first {
            *word = (purpose as u32).wrapping_add(*word << 8);
        }
        [first, [STREAM_VERSION; N]]
    }

    /// The sixteen blocks from `counter` on.
    #[inline(always)]
    pub fn lanes(self, purpose: Purpose, counter: u64) -> Lanes {
        // No closures here or in the callers: they would be compiled for the baseline instruction set.
        let mut counters = [counter; LANES];
        for (lane, counter) in counters.iter_mut().enumerate() {
            *counter = counter.wrapping_add(lane as u64);
        }
        blocks(self, Self::nonces(purpose, [0; LANES]), counters)
    }

    /// Sixteen blocks anywhere, each with its attempt.
    #[inline(always)]
    pub fn lanes_at(self, purpose: Purpose, attempts: [u32; LANES], counters: [u64; LANES]) -> Lanes {
        blocks(self, Self::nonces(purpose, attempts), counters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test vectors of draft-strombergson-chacha-test-vectors-01, ChaCha8 with a 256-bit key:
    /// the first 16 bytes of key stream blocks 0 and 1.
    #[test]
    fn published_vectors() {
        let bytes = |block: [u32; 16]| -> Vec<u8> { block.iter().flat_map(|w| w.to_le_bytes()).collect() };
        // TC1: all-zero key and nonce.
        let zero = Key([0; 8]);
        let block = bytes(blocks(zero, [[0], [0]], [0]).map(|[w]| w));
        assert_eq!(
            block[..16],
            [0x3e, 0x00, 0xef, 0x2f, 0x89, 0x5f, 0x40, 0xd6, 0x7f, 0x5b, 0xb8, 0xe8, 0x1f, 0x09, 0xa5, 0xa1]
        );
        // TC2: a single bit in the key.
        let one = Key([1, 0, 0, 0, 0, 0, 0, 0]);
        let block = bytes(blocks(one, [[0], [0]], [0]).map(|[w]| w));
        assert_eq!(
            block[..16],
            [0xcf, 0x5e, 0xe9, 0xa0, 0x49, 0x4a, 0xa9, 0x61, 0x3e, 0x05, 0xd5, 0xed, 0x72, 0x5b, 0x80, 0x4b]
        );
    }

    fn block(key: Key, purpose: Purpose, attempt: u32, counter: u64) -> [u32; BLOCK_WORDS] {
        blocks(key, Key::nonces(purpose, [attempt]), [counter]).map(|[word]| word)
    }

    #[test]
    fn lanes_are_blocks_of_their_own_even_across_the_low_word() {
        let key = Key([1, 2, 3, 4, 5, 6, 7, 8]);
        for start in [0, 5, u64::from(u32::MAX) - 7] {
            let lanes = key.lanes(Purpose::Noise, start);
            let attempts = std::array::from_fn(|lane| lane as u32 * 3);
            let counters = std::array::from_fn(|lane| start + 100 * lane as u64);
            let anywhere = key.lanes_at(Purpose::Plan, attempts, counters);
            for lane in 0..LANES {
                let consecutive = block(key, Purpose::Noise, 0, start + lane as u64);
                assert_eq!(consecutive, lanes.map(|word| word[lane]));
                let own = block(key, Purpose::Plan, attempts[lane], counters[lane]);
                assert_eq!(own, anywhere.map(|word| word[lane]));
            }
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
