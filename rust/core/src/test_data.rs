//! Values for tests: the same in every run.

/// Uniform values in [0, 1), by a xorshift generator.
pub fn uniform(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// `n` of them.
pub fn uniforms(seed: u64, n: usize) -> Vec<f64> {
    std::iter::repeat_with(uniform(seed)).take(n).collect()
}

/// One, and other values whose squares a sum in `f32` that begins with it rounds up, each by as much as it can.
pub fn terms_rounded_up(n: usize) -> Vec<f32> {
    // The square is just more than half of what the sum counts in.
    let small = (1.001_f32 / (1 << 24) as f32).sqrt();
    std::iter::once(1.0).chain(std::iter::repeat_n(small, n - 1)).collect()
}
