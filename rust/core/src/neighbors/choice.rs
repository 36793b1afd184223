//! Which search suits a request. Every one of them gives the same lists: the choice is about time alone.

use super::direct::MOST_NEIGHBORS;
use super::request::Request;
use crate::rows::Element;
use crate::simd::Isa;

/// How the neighbours of a request are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// Look for rows and queries that repeat, leave the repeats out, and choose again for what is left.
    Distinct,
    /// Every distance in `f64`, with a query in each lane.
    Direct,
    /// The plain scan, which computes every distance in `f64`.
    Scan,
    /// Every distance, and the nearest put in order at the end.
    Select,
    /// The screen among blocks of near rows, as long as most blocks are too far from most queries; else the screen.
    Blocks {
        /// As for the screen among all rows.
        codes: bool,
    },
    /// The screen, which discards rows that are provably too far; `codes` lets it begin with codes of 8 bits.
    Screen {
        /// Whether codes of 8 bits come before `f32`.
        codes: bool,
    },
}

/// Looking for repeats is a pass over the rows, which costs as much as some hundred queries.
const MANY_QUERIES: usize = 256;
/// Up to this many products of values the plain scan ends before the screen has packed its queries.
const FEW_PRODUCTS: usize = 1 << 15;
/// Above this many neighbours rows cost more on their way into a sorted list than their distances do.
const LONG_LIST: usize = 2048;
/// The screen's error bounds, which grow with the columns, are proven up to here (`E` below 0.02 in its geometry).
const MOST_COLUMNS: usize = 1 << 17;
/// Among fewer values for each neighbour codes save less than their additional survivors cost.
const MANY_VALUES: usize = 1 << 16;
/// Of this many a probe gives the first limits, and half as many for each neighbour are enough.
const PROBED_VALUES: usize = 1 << 20;
/// Products of a register of queries and a value up to which the direct search ends before a screen has prepared
/// itself and looked at what survives.
const FEW_REGISTERS: usize = 5 << 16;
/// One register of queries costs less than a screen's conversion of the rows, up to this many columns.
const NARROW: usize = 64;

/// Queries in a register of the direct search.
fn lanes(isa: Isa) -> usize {
    match isa {
        Isa::Baseline => 2,
        Isa::Avx2 | Isa::AvxVnni => 4,
        Isa::Avx512 | Isa::Avx512Vnni => 8,
    }
}

/// Columns from which on codes of 8 bits are worth the conversion of rows. Distances of fewer columns are often
/// smaller than the codes' step; and where codes are of 7 bits, or registers narrower, they save less.
fn fewest_coded(isa: Isa) -> usize {
    match isa {
        Isa::Avx512Vnni => 8,
        Isa::AvxVnni => 16,
        Isa::Avx2 => 32,
        // Registers of 16 lanes multiply codes hardly faster than values without VNNI, those of SSE2 slower.
        Isa::Avx512 | Isa::Baseline => usize::MAX,
    }
}

/// Putting rows in order costs as much as some hundred queries.
const ORDERED_QUERIES: usize = 2048;
/// Among fewer rows few blocks are far.
const ORDERED_ROWS: usize = 4096;
/// In more columns hardly any block is far from anything.
const ORDERED_COLUMNS: usize = 40;

/// The search that suits the request on a machine with `isa`; `may_repeat` until repeats have been left out.
///
/// | choice     | where                                                  | why                                      |
/// |------------|--------------------------------------------------------|------------------------------------------|
/// | `Distinct` | many queries, repeats not yet left out                 | a sample tells cheaply if any repeat     |
/// | `Direct`   | few queries of few columns, or few rows; short lists   | nothing to prepare, nothing computed twice |
/// | `Scan`     | a small product, very many columns or 2^32 rows        | nothing to prepare; no limit on either  |
/// | `Select`   | thousands of neighbours                                | a list that long is sorted once, at the end |
/// | `Blocks`   | thousands of queries and rows, few columns             | most rows are far from most queries      |
/// | `Screen`   | everything else                                        | `f64` distances of the survivors alone   |
/// | with codes | columns enough, many values per neighbour              | four products an instruction, not one    |
///
/// What only the data can tell is decided later: where a column parts the rows, each band of them has a screen of its
/// own (`partition::bands`); a screen whose survivors are too many goes on with another kernel (`screen::kernel`);
/// and codes are left out where the rows leave them no usable step.
pub(super) fn choose<T: Element>(request: &Request<'_, T>, isa: Isa, may_repeat: bool) -> Choice {
    let (n_queries, n_rows) = (request.queries.len(), request.rows.len());
    let d = request.rows.n_features();
    if may_repeat && n_queries >= MANY_QUERIES {
        return Choice::Distinct;
    }
    if request.n_neighbors.min(n_rows) > LONG_LIST {
        return Choice::Select;
    }
    let n_registers = n_queries.div_ceil(lanes(isa));
    let few = n_registers.saturating_mul(n_rows).saturating_mul(d) <= FEW_REGISTERS;
    let suits = n_registers > 0 && (few || n_registers == 1 && d <= NARROW);
    if suits && request.mixed.is_none() && request.n_neighbors.min(n_rows) <= MOST_NEIGHBORS {
        return Choice::Direct;
    }
    // Positions of candidates are kept in 32 bits.
    let fits = d <= MOST_COLUMNS && n_rows < u32::MAX as usize;
    if !fits || n_rows.saturating_mul(n_queries).saturating_mul(d) <= FEW_PRODUCTS {
        return Choice::Scan;
    }
    let values = if n_rows * d < PROBED_VALUES { n_rows * d } else { n_rows.saturating_mul(2 * d) };
    let many = MANY_VALUES.saturating_mul(request.n_neighbors) <= values;
    let codes = many && d >= fewest_coded(isa);
    let worth = n_queries >= ORDERED_QUERIES && n_rows >= ORDERED_ROWS && d <= ORDERED_COLUMNS;
    if worth && request.mixed.is_none() {
        return Choice::Blocks { codes };
    }
    Choice::Screen { codes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::request::RowIds;
    use crate::rows::Rows;

    fn chosen(n_queries: usize, n_rows: usize, d: usize, k: usize, isa: Isa, may_repeat: bool) -> Choice {
        let values = vec![0.0_f32; n_queries.max(n_rows) * d];
        let rows = |n: usize| Rows::new(&values[..n * d], d).expect("whole rows");
        let (queries, rows) = (rows(n_queries), rows(n_rows));
        let request =
            Request { queries, rows, ids: RowIds::From(0), n_neighbors: k, limits: None, mixed: None };
        choose(&request, isa, may_repeat)
    }

    #[test]
    fn every_search_has_requests_it_suits() {
        let vnni = Isa::Avx512Vnni;
        assert_eq!(chosen(256, 10, 3, 5, vnni, true), Choice::Distinct);
        assert_eq!(chosen(256, 10, 3, 5, vnni, false), Choice::Direct);
        assert_eq!(chosen(50, 100, 30, 10, vnni, true), Choice::Direct);
        assert_eq!(chosen(2, 100, 30, 50, vnni, true), Choice::Scan);
        assert_eq!(chosen(8, 30_000, 64, 10, vnni, true), Choice::Direct);
        assert_eq!(chosen(9, 30_000, 64, 10, vnni, true), Choice::Screen { codes: true });
        assert_eq!(chosen(1, 30_000, 65, 10, vnni, true), Choice::Screen { codes: true });
        assert_eq!(chosen(50, 20_000, 3, 10, vnni, true), Choice::Screen { codes: false });
        assert_eq!(chosen(500, 500, 512, 10, vnni, false), Choice::Screen { codes: false });
        assert_eq!(chosen(50, 30_000, 30, 10, vnni, true), Choice::Screen { codes: true });
        assert_eq!(chosen(200, 200, 30, 10, Isa::Avx2, true), Choice::Direct);
        assert_eq!(chosen(200, 1_000, 30, 10, Isa::Avx2, true), Choice::Screen { codes: false });
        assert_eq!(chosen(0, 1_000, 30, 10, Isa::Avx2, true), Choice::Scan);
        // Each level has its own least number of columns.
        for (isa, codes) in [
            (Isa::Baseline, false),
            (Isa::Avx2, false),
            (Isa::AvxVnni, true),
            (Isa::Avx512, false),
            (vnni, true),
        ] {
            assert_eq!(chosen(50, 50_000, 16, 10, isa, true), Choice::Screen { codes }, "{isa:?}");
        }
        assert_eq!(chosen(50, 50_000, 32, 10, Isa::Avx2, true), Choice::Screen { codes: true });
        assert_eq!(chosen(50, 30_000, 30, 100, vnni, true), Choice::Screen { codes: false });
        assert_eq!(chosen(50, 30_000, 30, 2049, vnni, true), Choice::Select);
        assert_eq!(chosen(50, 2048, 30, 40_000, vnni, true), Choice::Screen { codes: false });
        assert_eq!(chosen(50, 100_000, 7, 10, vnni, true), Choice::Screen { codes: false });
        assert_eq!(chosen(50_000, 100_000, 7, 10, vnni, false), Choice::Blocks { codes: false });
        assert_eq!(chosen(50_000, 100_000, 30, 10, vnni, false), Choice::Blocks { codes: true });
        assert_eq!(chosen(50_000, 100_000, 300, 10, vnni, false), Choice::Screen { codes: true });
        assert_eq!(chosen(2, 4, MOST_COLUMNS + 1, 1, vnni, true), Choice::Scan);
    }
}
