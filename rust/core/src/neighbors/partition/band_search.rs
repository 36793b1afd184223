//! The search of bands: one pass over the rows for all of them, then one search for each.

use std::ops::Range;

use super::bands::Bands;
use crate::memory::{filled, room};
use crate::neighbors::lists::{nearest, Candidate, Lists};
use crate::neighbors::request::{Request, RowIds};
use crate::parallel::{split, Cancel, Pool};
use crate::rows::{Element, Rows};
use crate::Error;

/// Values of the rows that bands are made of at a time, in their own type: at most 128 MiB and what they share.
const MOST_VALUES: usize = 1 << 24;
/// Parts of the pass for each thread, so that none waits long for another.
const PARTS: usize = 4;

impl Bands {
    /// The nearest rows of every query, by `find` for each band.
    pub fn search<T: Element>(
        &self,
        request: &Request<'_, T>,
        pool: &Pool,
        cancel: &Cancel,
        find: impl Fn(&Request<'_, T>) -> Result<Lists, Error>,
    ) -> Result<Lists, Error> {
        let d = request.rows.n_features();
        let mut found: Vec<Vec<Candidate>> = filled(Vec::new(), request.queries.len())?;
        for part in split(request.rows.len(), request.rows.values().len().div_ceil(MOST_VALUES)) {
            for (band, positions) in self.bands.iter().zip(self.positions(request, part, pool, cancel)?) {
                let values = gathered(request.rows, &positions, pool)?;
                let (mut queries, mut limits, mut ids) =
                    (room(band.queries.len() * d)?, room(band.queries.len())?, Vec::new());
                for &query in &band.queries {
                    queries.extend_from_slice(request.queries.row(query as usize));
                    limits.push(self.limits[query as usize]);
                }
                let inner = Request {
                    queries: Rows::new(&queries, d)?,
                    rows: Rows::new(&values, d)?,
                    ids: if request.ids_ascend() {
                        RowIds::From(0)
                    } else {
                        ids.extend(positions.iter().map(|&position| request.id(position as usize)));
                        RowIds::Given(&ids)
                    },
                    limits: Some(&limits),
                    ..*request
                };
                let mut lists = find(&inner)?;
                lists.renumber(|position| positions[position] as usize);
                for (i, &query) in band.queries.iter().enumerate() {
                    found[query as usize].extend_from_slice(lists.get(i));
                }
            }
        }
        let mut lists = Lists::none(request.n_neighbors);
        found.into_iter().for_each(|list| lists.push(nearest(list, request)));
        Ok(lists)
    }

    /// The rows of `part` that each band reaches, ascending; an error if one that none reaches is not finite.
    fn positions<T: Element>(
        &self,
        request: &Request<'_, T>,
        part: Range<usize>,
        pool: &Pool,
        cancel: &Cancel,
    ) -> Result<Vec<Vec<u32>>, Error> {
        let parts = split(part.len(), PARTS * pool.n_threads());
        let found = pool.map(parts, |rows| -> Result<Vec<Vec<u32>>, Error> {
            cancel.check()?;
            let mut found = vec![Vec::new(); self.bands.len()];
            for position in part.start + rows.start..part.start + rows.end {
                let x = request.rows.row(position)[self.column].to_f64();
                let mut reached = false;
                for (found, band) in found.iter_mut().zip(&self.bands) {
                    if band.holds(x) {
                        found.push(position as u32);
                        reached = true;
                    }
                }
                if !reached {
                    request.check_values(position..position + 1)?;
                }
            }
            Ok(found)
        });
        let mut positions = vec![Vec::new(); self.bands.len()];
        for found in found {
            positions.iter_mut().zip(found?).for_each(|(all, found)| all.extend(found));
        }
        Ok(positions)
    }
}

/// Copies of some rows.
fn gathered<T: Element>(rows: Rows<'_, T>, positions: &[u32], pool: &Pool) -> Result<Vec<T>, Error> {
    let d = rows.n_features();
    let mut values = room(positions.len() * d)?;
    values.resize(positions.len() * d, T::default());
    let size = positions.len().div_ceil(pool.n_threads()).max(1);
    pool.map(values.chunks_mut(size * d).zip(positions.chunks(size)).collect(), |(values, positions)| {
        for (copy, &position) in values.chunks_exact_mut(d).zip(positions) {
            copy.copy_from_slice(rows.row(position as usize));
        }
    });
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::scan::scanned;
    use crate::neighbors::screen::screened;
    use crate::simd::Isa;
    use crate::test_data::uniform;

    /// Two blobs, and one column far wider than the others, of `n` rows in 9 columns.
    fn hard(seed: u64, n: usize) -> [Vec<f64>; 2] {
        let mut next = uniform(seed);
        let blobs = (0..n).flat_map(|_| {
            let side = if next() < 0.4 { -1e4 } else { 1e4 };
            [(); 9].map(|()| side + next())
        });
        let blobs = blobs.collect();
        let wide = (0..n * 9).map(|i| if i % 9 == 4 { next() * 1e6 } else { next() }).collect();
        [blobs, wide]
    }

    #[test]
    fn bands_find_what_the_plain_scan_finds() {
        let (n, n_queries, cancel) = (17_000, 130, Cancel::default());
        let ids: Vec<i64> = (0..n as i64).map(|i| i * 7919 % 1_000_003).collect();
        let limits: Vec<f64> = (0..n_queries).map(|i| i as f64 * 0.01).collect();
        for (mut rows, queries) in hard(1, n).into_iter().zip(hard(2, n_queries)) {
            // Rows that repeat.
            rows.copy_within(0..9 * 40, 9 * 60);
            let (rows, queries) = (Rows::new(&rows, 9).expect("rows"), Rows::new(&queries, 9).expect("rows"));
            for (ids, limits) in [(RowIds::From(0), None), (RowIds::Given(&ids), Some(&limits[..]))] {
                let request = Request { queries, rows, ids, n_neighbors: 7, limits, mixed: None };
                let bands = Bands::new(&request).expect("far apart");
                for band in &bands.bands {
                    for &query in &band.queries {
                        let x = queries.row(query as usize)[bands.column];
                        let reach = bands.limits[query as usize].sqrt();
                        assert!(band.holds(x - reach) && band.holds(x + reach));
                    }
                }
                for n_threads in [1, 3] {
                    let pool = Pool::new(n_threads).expect("threads");
                    let expected = scanned(&request, &pool, &cancel).expect("finite");
                    let found = bands
                        .search(&request, &pool, &cancel, |rest| {
                            assert!(rest.queries.len() * rest.rows.len() < n * n_queries * 2 / 3);
                            screened(rest, Isa::best(), true, &pool, &cancel)
                        })
                        .expect("finite");
                    (0..n_queries).for_each(|query| assert_eq!(found.get(query), expected.get(query)));
                }
            }
        }
    }

    #[test]
    fn a_row_beyond_every_reach_is_looked_at_all_the_same() {
        let (pool, cancel) = (Pool::new(2).expect("threads"), Cancel::default());
        let [mut rows, _] = hard(3, 17_000);
        let [queries, _] = hard(4, 130);
        let queries = Rows::new(&queries, 9).expect("rows");
        for place in [9 * 16_999, 9 * 16_999 + 8] {
            let before = std::mem::replace(&mut rows[place], f64::NAN);
            let request = Request {
                queries,
                rows: Rows::new(&rows, 9).expect("rows"),
                ids: RowIds::From(0),
                n_neighbors: 2,
                limits: None,
                mixed: None,
            };
            let bands = Bands::new(&request).expect("far apart");
            let found = bands.search(&request, &pool, &cancel, |rest| scanned(rest, &pool, &cancel));
            assert!(matches!(found, Err(Error::NotFinite { .. })));
            rows[place] = before;
        }
    }
}
