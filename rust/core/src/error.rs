//! What can go wrong in the core: what was expected and what came.

/// Errors of the core; the bridge maps each to one Python exception.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A buffer's length does not fit the shape it should have.
    #[error("{what}: expected {expected} values, got {got}")]
    Length {
        /// Which buffer.
        what: &'static str,
        /// Values its shape calls for.
        expected: usize,
        /// Values it holds.
        got: usize,
    },
    /// A parameter is outside its range.
    #[error("{what} must be {expected}, got {got}")]
    Parameter {
        /// Which parameter.
        what: &'static str,
        /// The range in words.
        expected: &'static str,
        /// The value that came.
        got: String,
    },
    /// A value that is NaN or infinite.
    #[error("row {row}, column {column} is not finite")]
    NotFinite {
        /// First row with such a value.
        row: usize,
        /// Its first such column.
        column: usize,
    },
    /// An entry of a plan points outside the table it is executed on.
    #[error("row {row} of the plan: {what} must be below {bound}, got {got}")]
    Plan {
        /// Row of the plan.
        row: usize,
        /// Which column of the plan.
        what: &'static str,
        /// Exclusive bound.
        bound: usize,
        /// The value that came.
        got: i64,
    },
    /// Rows that were made, or put into other units, are not finite.
    #[error(
        "{what}: column {column} would be infinite in {number}, which ends at {largest:.1e}; lower noise_std, divide \
         the column by a constant first{wider}",
        wider = wider(.number)
    )]
    Overflow {
        /// Which rows, and what may be too large.
        what: &'static str,
        /// The first such column of the first such row.
        column: usize,
        /// The type of the rows.
        number: &'static str,
        /// Its largest value.
        largest: f64,
    },
    /// Two tables that are to be merged hold the same row.
    #[error(
        "both tables hold the row with id {id}, which would count twice: merge tables of different rows, each with \
         an id of its own (row_ids of update)"
    )]
    Twice {
        /// What both call it.
        id: i64,
    },
    /// The operating system refused memory.
    #[error("{:.1} GiB of memory were refused by the system; ask for less at a time", gibibytes(.bytes))]
    Memory {
        /// How much.
        bytes: usize,
    },
    /// The operating system refused to start threads.
    #[error("could not start {n_threads} threads: {reason}")]
    Threads {
        /// Threads asked for.
        n_threads: usize,
        /// The system's words.
        reason: String,
    },
    /// The caller cancelled the work; no result was kept.
    #[error("interrupted")]
    Interrupted,
}

fn wider(number: &str) -> &'static str {
    if number == "float32" {
        ", or use float64"
    } else {
        ""
    }
}

fn gibibytes(bytes: &usize) -> f64 {
    *bytes as f64 / (1_u64 << 30) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_say_what_was_expected_and_what_came() {
        let length = Error::Length { what: "row ids", expected: 4, got: 3 };
        assert_eq!(length.to_string(), "row ids: expected 4 values, got 3");
        let plan = Error::Plan { row: 7, what: "anchor", bound: 5, got: -1 };
        assert_eq!(plan.to_string(), "row 7 of the plan: anchor must be below 5, got -1");
        let parameter = Error::Parameter { what: "alpha", expected: "above 0", got: "0".into() };
        assert_eq!(parameter.to_string(), "alpha must be above 0, got 0");
        let memory = Error::Memory { bytes: 3 << 29 };
        assert_eq!(
            memory.to_string(),
            "1.5 GiB of memory were refused by the system; ask for less at a time"
        );
        let overflow = |number| Error::Overflow { what: "new rows", column: 2, number, largest: 3e38 };
        assert_eq!(
            overflow("float32").to_string(),
            "new rows: column 2 would be infinite in float32, which ends at 3.0e38; lower noise_std, divide the \
             column by a constant first, or use float64"
        );
        assert!(overflow("float64").to_string().ends_with("by a constant first"));
    }
}
