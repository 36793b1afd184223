//! How many directions the rows spread in, as a sample tells.

use crate::neighbors::request::Request;
use crate::neighbors::screen::scattered;
use crate::rows::Element;

/// Queries and rows of the sample: some milliseconds of work.
const QUERIES: usize = 64;
const ROWS: usize = 2048;
/// Blocks were measured to pay up to about five directions (uniform columns: twice as fast in five, no longer in
/// eight).
const MOST: f64 = 5.5;

/// Whether the rows near a query are so few that it pays to put the rows in order.
///
/// Of `n` rows that spread in `m` directions the nearest is about `n.powf(1 / m)` times nearer than most, which is
/// solved for `m`. Only speed depends on the answer.
pub(in crate::neighbors) fn few_directions<T: Element>(request: &Request<'_, T>) -> bool {
    let (queries, rows) = (request.queries, request.rows);
    let (nth_query, nth_row) = (scattered(queries.len()), scattered(rows.len()));
    let n = ROWS.min(rows.len());
    let mut spreads = Vec::with_capacity(QUERIES);
    for turn in 0..QUERIES.min(queries.len()) {
        let query = queries.row(nth_query(turn));
        let distance = |turn: usize| -> f64 {
            let row = rows.row(nth_row(turn));
            query.iter().zip(row).map(|(q, x)| (q.to_f64() - x.to_f64()).powi(2)).sum()
        };
        // Not the query itself, nor its copies, and nothing that is not finite.
        let mut found: Vec<f64> =
            (0..n).map(distance).filter(|&squared| squared > 0.0 && squared < f64::INFINITY).collect();
        if found.is_empty() {
            continue;
        }
        let middle = found.len() / 2;
        let (nearer, &mut median, _) = found.select_nth_unstable_by(middle, f64::total_cmp);
        let nearest = nearer.iter().copied().fold(median, f64::min);
        spreads.push(0.5 * (median / nearest).ln());
    }
    let spread = spreads.iter().sum::<f64>() / spreads.len() as f64;
    // Without any distance there is nothing to tell rows apart by: NaN is not enough.
    spread * MOST >= (n as f64).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::request::RowIds;
    use crate::rows::Rows;
    use crate::test_data::uniform;

    fn few(values: &[f64], d: usize) -> bool {
        let rows = Rows::new(values, d).expect("rows");
        let ids = RowIds::From(0);
        few_directions(&Request { queries: rows, rows, ids, n_neighbors: 3, limits: None, mixed: None })
    }

    #[test]
    fn columns_that_hang_together_are_few_directions() {
        let mut next = uniform(5);
        for (d, expected) in [(2, true), (4, true), (12, false), (30, false)] {
            let values: Vec<f64> = (0..3000 * d).map(|_| next()).collect();
            assert_eq!(few(&values, d), expected, "{d} columns");
        }
        let line: Vec<f64> = (0..3000).flat_map(|_| [next(); 12]).collect();
        assert!(few(&line, 12));
    }

    #[test]
    fn nothing_is_told_by_equal_or_infinite_distances() {
        assert!(!few(&[1.0; 40], 2));
        assert!(!few(&[f64::NAN, 1.0, f64::INFINITY, 2.0], 1));
        assert!(!few(&[1e300, -1e300, 1e250, 0.0], 1));
    }
}
