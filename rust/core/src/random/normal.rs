//! Standard normals in `f32` by Box-Muller, with polynomials of our own, so that every platform gives the same bits.
//!
//! A block of 1024 normals uses 64 ChaCha blocks. Their words, taken sixteen blocks at a time and word by
//! word, are 512 radius words followed by 512 angle words; normal `j` is `radius_j * cos(angle_j)` and
//! normal `512 + j` is `radius_j * sin(angle_j)`.

use super::chacha::{Key, Lanes, Purpose, LANES};
use crate::simd::{dispatch, Isa, Lines, Vector};

/// Normals made together; the element at flat index `e` of the output is number `e % 1024` of block `e / 1024`.
pub const NORMALS_PER_BLOCK: usize = 1024;
const PAIRS: usize = NORMALS_PER_BLOCK / 2;
const GROUP: usize = LANES * super::BLOCK_WORDS;
const CHACHA_BLOCKS: u64 = 64;
/// Pairs that go through the stages together.
const STEP: usize = 64;

const SQRT_HALF_BITS: u32 = 0x3f35_04f3;
const LN_2: f32 = std::f32::consts::LN_2;
/// 2^-31, exactly.
const CELL: f32 = 4.656_613e-10;

/// (ln(1 + f) - f + f^2 / 2) / f^3 for f in [sqrt(1/2) - 1, sqrt(2) - 1], minimax.
const LN_COEFFICIENTS: [f32; 7] =
    [0.333_338_6, -0.250_017_46, 0.199_653_98, -0.165_656_34, 0.148_769_65, -0.143_502_07, 0.089_178_67];
/// (sin(x) - x) / x^3 in x^2, |x| <= pi / 4, minimax.
const SIN_COEFFICIENTS: [f32; 3] = [-0.166_666_5, 0.008_331_979, -0.000_194_956_36];
/// (cos(x) - 1 + x^2 / 2) / x^4 in x^2, |x| <= pi / 4, minimax.
const COS_COEFFICIENTS: [f32; 3] = [0.041_666_646, -0.001_388_736_8, 0.000_024_438_452];

/// Adds the terms of `coefficients` below `value` of a polynomial in `x`, each operation rounded once.
#[inline(always)]
fn horner<const N: usize>(mut value: f32, coefficients: [f32; N], x: f32) -> f32 {
    for i in (0..N).rev() {
        value = value * x + coefficients[i];
    }
    value
}

/// Room for what is between the stages.
type Scratch<const N: usize> = [[f32; N]; 3];

/// Turns the bits of words into sqrt(-2 ln u) for u = (h + 1/2) / 2^31, h the upper 31 bits of the word.
///
/// Stage by stage, as in `elementary`: what is under way together is independent.
#[inline(always)]
fn radii<const N: usize>(values: &mut [f32; N], [exponents, fs, series]: &mut Scratch<N>) {
    for i in 0..N {
        let h = (values[i].to_bits() >> 1) as i32;
        let u = (h as f32 + 0.5) * CELL;
        // u = 2^exponent (1 + f); near 1 the distance to 1 is taken from the integer, which has not been rounded.
        let shifted = (u.to_bits() as i32).wrapping_sub(SQRT_HALF_BITS as i32);
        let exponent = shifted >> 23;
        let m = f32::from_bits(((shifted & 0x007f_ffff) as u32).wrapping_add(SQRT_HALF_BITS));
        let complement = -(((i32::MAX - h) as f32 + 0.5) * CELL);
        exponents[i] = exponent as f32;
        fs[i] = if exponent == 0 { complement } else { m - 1.0 };
    }
    let [low @ .., c3, c4, c5, highest] = LN_COEFFICIENTS;
    for i in 0..N {
        series[i] = horner(highest, [c3, c4, c5], fs[i]);
    }
    for i in 0..N {
        series[i] = horner(series[i], low, fs[i]);
    }
    for i in 0..N {
        // ln(1 + f) = f + (f^3 series - f^2 / 2), with every term but the series times -2, which loses nothing.
        let (square, twice) = (fs[i] * fs[i], -2.0 * fs[i]);
        let ln_1p = twice + (square * twice * series[i] + square);
        values[i] = (exponents[i] * (-2.0 * LN_2) + ln_1p).sqrt();
    }
}

/// Turns radii and the bits of words, which are uniform angles, into normals: two bits of a word choose the quadrant,
/// thirty the angle within it.
#[inline(always)]
fn turn<const N: usize>(radii: &mut [f32; N], angles: &mut [f32; N], [xs, sines, cosines]: &mut Scratch<N>) {
    for i in 0..N {
        xs[i] = (angles[i].to_bits() << 2) as i32 as f32 * (std::f32::consts::FRAC_PI_4 * CELL);
        let square = xs[i] * xs[i];
        let [low @ .., highest] = SIN_COEFFICIENTS;
        sines[i] = xs[i] + xs[i] * square * horner(highest, low, square);
    }
    for i in 0..N {
        let square = xs[i] * xs[i];
        let [low @ .., highest] = COS_COEFFICIENTS;
        cosines[i] = 1.0 + (square * square * horner(highest, low, square) - 0.5 * square);
    }
    for i in 0..N {
        let word = angles[i].to_bits();
        let (cos, sin) = (cosines[i].to_bits(), sines[i].to_bits());
        // Exchanged in quadrants 1 and 3, by bits, since a choice would be made between places in memory.
        let exchanged = (cos ^ sin) & (((word << 1) as i32) >> 31) as u32;
        // cos is negative in quadrants 1 and 2, sin in quadrants 2 and 3.
        let flip_cos = word.wrapping_add(1 << 30) & (1 << 31);
        let flip_sin = word & (1 << 31);
        angles[i] = radii[i] * f32::from_bits(sin ^ exchanged ^ flip_sin);
        radii[i] *= f32::from_bits(cos ^ exchanged ^ flip_cos);
    }
}

/// The normals of `block` of one purpose; meanwhile `ahead` is asked for, little by little, to be written.
pub(super) fn fill_normals(
    isa: Isa,
    key: Key,
    purpose: Purpose,
    block: u64,
    out: &mut [f32; NORMALS_PER_BLOCK],
    ahead: Lines,
) {
    // Two functions, so that neither's constants take the other's registers; the words lie where the normals will.
    fill_words(isa, key, purpose, block.wrapping_mul(CHACHA_BLOCKS), out);
    transform(isa, out, ahead);
}

dispatch! {
    /// The bits of the words of the blocks from `counter` on.
    fn fill_words[](key: Key, purpose: Purpose, counter: u64, out: &mut [f32; NORMALS_PER_BLOCK]) -> () = fill_words_impl
}

#[inline(always)]
fn fill_words_impl<V: Vector>(key: Key, purpose: Purpose, counter: u64, out: &mut [f32; NORMALS_PER_BLOCK]) {
    for (group, out) in out.as_chunks_mut::<GROUP>().0.iter_mut().enumerate() {
        let words: Lanes = key.lanes::<V>(purpose, counter.wrapping_add((group * LANES) as u64));
        for (out, words) in out.as_chunks_mut::<LANES>().0.iter_mut().zip(&words) {
            for lane in 0..LANES {
                out[lane] = f32::from_bits(words[lane]);
            }
        }
    }
}

dispatch! {
    /// Turns words into normals.
    fn transform[](out: &mut [f32; NORMALS_PER_BLOCK], ahead: Lines) -> () = transform_impl
}

#[inline(always)]
fn transform_impl<V: Vector>(out: &mut [f32; NORMALS_PER_BLOCK], mut ahead: Lines) {
    let lines_a_step = ahead.len().div_ceil(2 * PAIRS / STEP);
    let (radii_words, angle_words) = out.split_at_mut(PAIRS);
    let (radii_words, angle_words) =
        (radii_words.as_chunks_mut::<STEP>().0, angle_words.as_chunks_mut::<STEP>().0);
    let mut scratch = [[0.0; STEP]; 3];
    for (values, angles) in radii_words.iter_mut().zip(angle_words) {
        ahead.write(lines_a_step);
        radii(values, &mut scratch);
        ahead.write(lines_a_step);
        turn(values, angles, &mut scratch);
    }
}

/// The normals from flat element `start` on, across blocks.
pub fn normals_from(key: Key, purpose: Purpose, start: u64, out: &mut [f32]) {
    let isa = Isa::current().unwrap_or(Isa::Baseline);
    let mut normals = [0.0; NORMALS_PER_BLOCK];
    let (mut element, mut rest) = (start, out);
    while !rest.is_empty() {
        fill_normals(isa, key, purpose, element / NORMALS_PER_BLOCK as u64, &mut normals, Lines::none());
        let available = &normals[(element % NORMALS_PER_BLOCK as u64) as usize..];
        let n = available.len().min(rest.len());
        let (now, later) = rest.split_at_mut(n);
        now.copy_from_slice(&available[..n]);
        element = element.wrapping_add(n as u64);
        rest = later;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn radius(word: u32) -> f32 {
        let mut value = [f32::from_bits(word)];
        radii(&mut value, &mut [[0.0]; 3]);
        value[0]
    }

    #[test]
    fn the_transform_is_accurate_to_1e_5_everywhere_and_near_one() {
        let mut words: Vec<u32> = (0..200_000).map(|i: u32| i.wrapping_mul(2_654_435_761)).collect();
        words.extend((0..5_000).flat_map(|i| [i, u32::MAX - i]));
        let mut worst: f64 = 0.0;
        for &word in &words {
            let u = (f64::from(word >> 1) + 0.5) / 2_f64.powi(31);
            let expected = (-2.0 * u.ln()).sqrt();
            worst = worst.max((f64::from(radius(word)) - expected).abs());
            let angle = f64::from(word >> 30) * std::f64::consts::FRAC_PI_2
                + f64::from((word << 2) as i32) * std::f64::consts::FRAC_PI_4 / 2_f64.powi(31);
            let (mut cos, mut sin) = ([1.0], [f32::from_bits(word)]);
            turn(&mut cos, &mut sin, &mut [[0.0]; 3]);
            worst = worst.max(6.7 * (f64::from(cos[0]) - angle.cos()).abs());
            worst = worst.max(6.7 * (f64::from(sin[0]) - angle.sin()).abs());
        }
        assert!(worst < 1e-5, "{worst}");
        // Relative accuracy where u is nearest to 1 and the radius smallest.
        let smallest = f64::from(radius(u32::MAX));
        let expected = (-2.0 * (-(0.5_f64 / 2_f64.powi(31))).ln_1p()).sqrt();
        assert!((smallest / expected - 1.0).abs() < 1e-6, "{smallest} {expected}");
    }

    #[test]
    fn blocks_are_addressed_alone() {
        let key = Key([3; 8]);
        let (mut a, mut b) = ([0.0; NORMALS_PER_BLOCK], [0.0; NORMALS_PER_BLOCK]);
        fill_normals(Isa::best(), key, Purpose::Noise, 7, &mut a, Lines::none());
        fill_normals(Isa::best(), key, Purpose::Noise, 8, &mut b, Lines::none());
        assert_ne!(a, b);
        fill_normals(Isa::best(), key, Purpose::Noise, 7, &mut b, Lines::none());
        assert_eq!(a, b);
    }

    #[test]
    fn moments_and_tails_of_ten_million() {
        let key = Key([1, 1, 2, 3, 5, 8, 13, 21]);
        let mut block = [0.0; NORMALS_PER_BLOCK];
        let n_blocks = 10_000_u64;
        let n = n_blocks as f64 * NORMALS_PER_BLOCK as f64;
        let (mut sums, mut beyond, mut lag) = ([0.0_f64; 4], [0_u64; 3], 0.0);
        for i in 0..n_blocks {
            fill_normals(Isa::best(), key, Purpose::Noise, i, &mut block, Lines::none());
            for pair in block.windows(2) {
                lag += f64::from(pair[0]) * f64::from(pair[1]);
            }
            for z in block.map(f64::from) {
                for (power, sum) in sums.iter_mut().enumerate() {
                    *sum += z.powi(power as i32 + 1);
                }
                for (k, count) in beyond.iter_mut().enumerate() {
                    *count += u64::from(z.abs() > 3.0 + k as f64);
                }
            }
        }
        // Five standard errors of each moment: E z^8 = 105, E z^6 = 15.
        let error = |variance: f64| 5.0 * (variance / n).sqrt();
        assert!((sums[0] / n).abs() < error(1.0));
        assert!((sums[1] / n - 1.0).abs() < error(2.0));
        assert!((sums[2] / n).abs() < error(15.0));
        assert!((sums[3] / n - 3.0).abs() < error(96.0));
        assert!((lag / n).abs() < error(1.0));
        for (count, tail) in beyond.iter().zip([2.699_796e-3, 6.334_248e-5, 5.733_031e-7]) {
            let expected = n * tail;
            assert!((*count as f64 - expected).abs() < 5.0 * expected.sqrt(), "{count} {expected}");
        }
    }
}
