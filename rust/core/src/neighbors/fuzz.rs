//! Every search at every instruction set against the plain scan, for values of any magnitude: by row, by column,
//! and for queries of their own. `NNGMIX_FUZZ=night` tries a million, `NNGMIX_FUZZ_CASES` sets another number and
//! `NNGMIX_FUZZ_SEED` the first.

use super::direct::{direct, MOST_NEIGHBORS};
use super::distinct::through_distinct;
use super::lists::Lists;
use super::partition::through_blocks;
use super::request::{Request, RowIds};
use super::scan::scanned;
use super::screen::screened;
use super::select::selected;
use super::table::Table;
use crate::parallel::{Cancel, Pool};
use crate::rows::{Element, Rows};
use crate::simd::Isa;

/// Some seconds on an idle machine.
const CASES: u64 = 200;
const AT_NIGHT: u64 = 1_000_000;

struct Dice(u64);

impl Dice {
    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A magnitude: mostly ordinary, else anywhere, or at a border of the formats and of the screen's arithmetic.
    fn exponent(&mut self, lowest: i32, highest: i32) -> i32 {
        let anywhere = lowest + self.below((highest - lowest) as usize + 1) as i32;
        let borders = [lowest, highest, highest - 1, -1022, -537, -512, -500, -149, -126, -64, 64, 127, 500];
        let border = self.of(&[&borders[..], &[501, 511, 512, 899, 900, 901, 960, 1000]].concat());
        self.of(&[0, 0, anywhere, anywhere, border]).clamp(lowest, highest)
    }
}

/// `x` times two to the `exponent`, which may be beyond the range of a factor.
fn scaled(x: f64, exponent: i32) -> f64 {
    let half = exponent / 2;
    x * 2.0_f64.powi(half) * 2.0_f64.powi(exponent - half)
}

/// Rows with a magnitude of their own for a share of them, and for each column if `by_column`.
fn values(dice: &mut Dice, n: usize, d: usize, (lowest, highest): (i32, i32), columns: &[i32]) -> Vec<f64> {
    let base = dice.exponent(lowest, highest);
    let others = [(); 3].map(|()| dice.exponent(lowest, highest));
    let one_in = dice.of(&[1, 2, 50, 1000, usize::MAX]);
    let shift = if dice.below(4) == 0 { dice.of(&[1.0, -1.0, 1e3, 1e9]) } else { 0.0 };
    let digits = dice.of(&[1.0, 3.0, 1e15, 1e15, 1e15]);
    let mut values = Vec::with_capacity(n * d);
    for _ in 0..n {
        let own = if dice.below(one_in) == 0 { dice.of(&others) } else { base };
        for &column in columns {
            let x = ((dice.unit() * 2.0 - 1.0) * digits).round() / digits + shift;
            let x = scaled(x, (own + column).clamp(lowest, highest));
            values.push(x.clamp(-f64::MAX, f64::MAX));
        }
    }
    values
}

fn assert_equal(found: &Lists, expected: &Lists, said: &str) {
    for i in 0..expected.len() {
        let bits = |lists: &Lists| -> Vec<(u64, usize)> {
            lists.get(i).iter().map(|c| (c.squared_distance.to_bits(), c.position)).collect()
        };
        assert_eq!(bits(found), bits(expected), "{said}, query {i}");
    }
}

fn check<T: Element>(said: &str, dice: &mut Dice, queries: &[T], rows: &[T], d: usize, k: usize) {
    let (queries, rows) = (Rows::new(queries, d).expect("rows"), Rows::new(rows, d).expect("rows"));
    let request = Request { queries, rows, ids: RowIds::From(0), n_neighbors: k, limits: None, mixed: None };
    let (pool, cancel) = (Pool::new(1 + dice.below(2)).expect("threads"), Cancel::default());
    let expected = scanned(&request, &pool, &cancel).expect("finite");
    assert!((0..queries.len()).all(|i| expected.get(i).len() == k.min(rows.len())));
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        for codes in [false, true] {
            let found = screened(&request, isa, codes, &pool, &cancel).expect("finite");
            assert_equal(&found, &expected, &format!("{said} {isa:?} {codes}"));
        }
        if k.min(rows.len()) <= MOST_NEIGHBORS {
            let found = direct(&request, isa, &pool, &cancel).expect("finite");
            assert_equal(&found, &expected, &format!("{said} {isa:?} direct"));
        }
    }
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        let all = |rest: &Request<'_, T>| scanned(rest, &pool, &cancel);
        let found = through_blocks(&request, isa, f64::INFINITY, &pool, &cancel, all).expect("finite");
        assert_equal(&found, &expected, &format!("{said} {isa:?} in blocks of near rows"));
    }
    assert_equal(&selected(&request, &pool, &cancel).expect("finite"), &expected, said);
    let found =
        through_distinct(&request, &cancel, |rest| screened(rest, Isa::best(), false, &pool, &cancel));
    assert_equal(&found.expect("finite"), &expected, said);
    // In two blocks, the second with limits that are known from the first.
    let cut = dice.below(rows.len());
    let mut table = Table::new(queries.len(), k, d).expect("room");
    for part in [0..cut, cut..rows.len()] {
        let ids = RowIds::From(part.start as i64);
        table = table.view().updated(queries, rows.slice(part), ids, None, &pool, &cancel).expect("finite");
    }
    for i in 0..queries.len() {
        let ids: Vec<i64> = expected.get(i).iter().map(|c| c.position as i64).collect();
        assert_eq!(table.ids[i * k..][..ids.len()], ids, "{said} in blocks, query {i}");
    }
}

#[test]
fn every_magnitude_gives_the_neighbours_of_the_plain_scan() {
    let asked = |name: &str| std::env::var(name).ok().and_then(|number| number.parse().ok());
    let first: u64 = asked("NNGMIX_FUZZ_SEED").unwrap_or(1);
    let at_night = std::env::var("NNGMIX_FUZZ").is_ok_and(|profile| profile == "night");
    let cases = asked("NNGMIX_FUZZ_CASES").unwrap_or(if at_night { AT_NIGHT } else { CASES });
    for seed in first..first + cases {
        let mut dice = Dice(seed);
        let (d, k) = (dice.of(&[1, 2, 3, 7, 8, 9, 17, 30, 130]), dice.of(&[1, 2, 10, 40]));
        let narrow = dice.below(3) == 0;
        let range = if narrow { (-149, 127) } else { (-1074, 1023) };
        let n_queries = dice.of(&[1, 3, 20, 70]);
        let most = dice.of(&[200, 3000, 12_000]);
        let n = 1 + dice.below(most.min(1_500_000 / (n_queries * d)).max(1));
        let by_column = dice.below(3) == 0;
        let columns: Vec<i32> = (0..d)
            .map(|_| if by_column && dice.below(3) == 0 { dice.exponent(range.0, range.1) } else { 0 })
            .collect();
        let rows = values(&mut dice, n, d, range, &columns);
        let mut queries = values(&mut dice, n_queries, d, range, &columns);
        // Some queries are rows.
        for query in queries.chunks_exact_mut(d) {
            if dice.below(2) == 0 {
                query.copy_from_slice(&rows[dice.below(n) * d..][..d]);
            }
        }
        let said = format!("seed {seed}");
        if narrow {
            let narrowed = |values: Vec<f64>| -> Vec<f32> {
                values.into_iter().map(|x| (x as f32).clamp(f32::MIN, f32::MAX)).collect()
            };
            check(&said, &mut dice, &narrowed(queries), &narrowed(rows), d, k);
        } else {
            check(&said, &mut dice, &queries, &rows, d, k);
        }
    }
}
