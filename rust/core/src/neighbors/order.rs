//! The total order of the rows found for a query: squared distance, then row content, then row id. It is
//! written here and nowhere else; whatever sorts, merges or cuts lists of neighbours calls [`compare`].
//!
//! Content before id makes the answer to ties independent of how rows were numbered, hence of the order in
//! which a cluster delivers them. Equal rows are at the same distance of every query, so that among them the
//! smaller id comes first: of rows that repeat only the `n_neighbors` with the smallest ids can be neighbours.

use std::cmp::Ordering;

use crate::rows::{compare_content, Element};

/// A row found for a query. Content and id are looked up only for ties.
pub(super) trait Found<T> {
    /// Squared Euclidean distance.
    fn squared_distance(&self) -> f64;
    /// The row itself.
    fn content(&self) -> &[T];
    /// What the caller calls the row.
    fn id(&self) -> i64;
}

/// Which of two rows found for the same query is nearer.
#[inline]
pub(super) fn compare<T: Element>(a: &impl Found<T>, b: &impl Found<T>) -> Ordering {
    a.squared_distance()
        .total_cmp(&b.squared_distance())
        .then_with(|| compare_content(a.content(), b.content()))
        .then_with(|| a.id().cmp(&b.id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Row(f64, [f32; 2], i64);

    impl Found<f32> for Row {
        fn squared_distance(&self) -> f64 {
            self.0
        }
        fn content(&self) -> &[f32] {
            &self.1
        }
        fn id(&self) -> i64 {
            self.2
        }
    }

    #[test]
    fn distance_decides_before_content_and_content_before_id() {
        let ascending = [
            Row(1.0, [9.0, 9.0], 9),
            Row(2.0, [-1.0, 5.0], 8),
            Row(2.0, [0.0, 1.0], 3),
            Row(2.0, [-0.0, 1.0], 4),
            Row(2.0, [0.0, 2.0], 1),
            Row(f64::INFINITY, [0.0, 0.0], 0),
        ];
        for (i, a) in ascending.iter().enumerate() {
            for (j, b) in ascending.iter().enumerate() {
                assert_eq!(compare(a, b), i.cmp(&j), "{i} {j}");
            }
        }
    }
}
