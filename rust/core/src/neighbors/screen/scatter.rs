//! The order in which rows are looked at. Rows that come sorted, from far to near, would all be candidates: so
//! neighbouring blocks, and neighbouring tiles of a block, are visited far apart.

/// Maps `0..n` onto itself, scattered: steps of about the golden section of `n`.
pub(in crate::neighbors) fn scattered(n: usize) -> impl Fn(usize) -> usize {
    let gcd = |mut a: usize, mut b: usize| {
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    let mut stride = ((n as f64 * 0.618) as usize).max(1);
    // A stride that shares no factor with `n` visits all of it.
    while gcd(stride, n) != 1 {
        stride += 1;
    }
    move |turn| turn * stride % n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_visited_once() {
        for n in [1, 2, 3, 8, 182, 183, 1000] {
            let nth = scattered(n);
            let mut visited: Vec<usize> = (0..n).map(nth).collect();
            visited.sort_unstable();
            assert_eq!(visited, (0..n).collect::<Vec<_>>());
        }
    }
}
