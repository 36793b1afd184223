//! How rows are cut for kernels whose values depend on the column: into periods after which columns repeat, made
//! of spans that a register or two can hold.

/// Values of one task: a part of the second-level cache.
const TASK_VALUES: usize = 1 << 14;
/// Values handled together.
pub(super) const SPAN: usize = 16;
/// Rows of up to this many columns are taken `SPAN` at a time, so that spans are whole at every width.
const NARROW: usize = 128;

/// Spans of a period at least: one alone would wait for what it has just written.
const LEAST_SPANS: usize = 16;

/// Values after which columns repeat and spans, in narrow rows, end.
pub(super) fn period(d: usize) -> usize {
    if d <= NARROW {
        period_rows(d) * d
    } else {
        d
    }
}

/// Rows of a period of narrow rows.
fn period_rows(d: usize) -> usize {
    SPAN * LEAST_SPANS.div_ceil(d)
}

/// Rows of one task.
pub(super) fn task_rows(d: usize) -> usize {
    (TASK_VALUES / d).max(1).next_multiple_of(period_rows(d))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_whole_rows_and_tasks_whole_periods() {
        for d in [1, 2, 3, 5, 7, 11, 15, 16, 30, 127, 128, 129, 40_000] {
            assert!(period(d).is_multiple_of(d));
            assert!((task_rows(d) * d).is_multiple_of(period(d)));
            assert!(d > NARROW || period(d).is_multiple_of(SPAN));
        }
    }
}
