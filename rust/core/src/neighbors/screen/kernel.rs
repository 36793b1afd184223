//! Which kernel screens the next block. A thread begins with the cheapest that can serve and goes on to the next
//! while too many pairs survive; this, like `choice`, is about time alone.

/// What a kernel adds up, from `-h` or from 0: either way nearer rows give larger sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::neighbors) enum Kernel {
    /// `X.Y - h` of codes: four products an instruction, the loosest bounds.
    Codes,
    /// `x'.q' - h`: one product a value.
    Dot,
    /// `-|x' - q'|^2`: a subtraction more, but rounding does not grow with the distance from the origin.
    Difference,
}

/// If more than one pair in this many survives a kernel, the next is tried: the codes are too coarse for such near
/// rows, or rounding hides small distances far from the origin.
const FEW: usize = 128;
/// Wide rows are worth more survivors of the codes: a second look at one costs as much as the products of some pairs
/// that codes save, which is at least this many.
const FEW_OF_CODES: usize = 8;
/// But whatever the kernel, about `n_neighbors` of every `n` rows survive after `n` rows: only this multiple of
/// that counts against it.
const TOO_MANY: usize = 16;
/// Among this many rows for each neighbour all are candidates whatever the kernel: none is judged by fewer.
pub(super) const FIRST_ROWS: usize = 64;

/// What came through a kernel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Screened {
    /// Rows of the block.
    pub n_rows: usize,
    /// Queries they were compared with.
    pub n_queries: usize,
    /// Columns of both.
    pub n_features: usize,
    /// Length of the lists.
    pub n_neighbors: usize,
    /// Pairs that survived.
    pub survivors: usize,
}

/// What one thread has seen of its kernels.
#[derive(Debug, Default)]
pub(super) struct Record {
    seen: usize,
    /// Pairs since the kernel was chosen, and those that survived.
    pairs: usize,
    survivors: usize,
    settled: bool,
}

impl Record {
    /// Whether no block has been screened yet.
    pub fn is_empty(&self) -> bool {
        self.seen == 0
    }

    /// Takes note of what came through `kernel`; returns the kernel to go on with, if it is another one.
    pub fn judge(&mut self, kernel: Kernel, block: Screened) -> Option<Kernel> {
        let Screened { n_rows, n_queries, n_features, n_neighbors, survivors } = block;
        let pairs = n_rows * n_queries;
        self.pairs += pairs;
        self.survivors += survivors;
        let few = match kernel {
            Kernel::Codes => (FEW * 32 / n_features).clamp(FEW_OF_CODES, FEW),
            Kernel::Dot | Kernel::Difference => FEW,
        };
        let half_way = self.seen + n_rows / 2;
        self.seen += n_rows;
        // A block of near rows among far ones is no reason yet.
        let too_many =
            self.survivors * few > self.pairs && survivors * half_way > TOO_MANY * n_neighbors * pairs;
        if self.settled || !too_many || self.seen < FIRST_ROWS * n_neighbors {
            return None;
        }
        (self.pairs, self.survivors) = (0, 0);
        match kernel {
            Kernel::Codes => Some(Kernel::Dot),
            Kernel::Dot => Some(Kernel::Difference),
            // Ties, which no kernel can part: take the cheaper one.
            Kernel::Difference => {
                self.settled = true;
                Some(Kernel::Dot)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(n_rows: usize, n_features: usize, survivors: usize) -> Screened {
        Screened { n_rows, n_queries: 100, n_features, n_neighbors: 1, survivors }
    }

    #[test]
    fn too_many_survivors_lead_from_kernel_to_kernel_and_then_settle() {
        let many = block(10_000, 32, 500_000);
        let mut record = Record::default();
        assert_eq!(record.judge(Kernel::Codes, block(10_000, 32, 100)), None);
        assert_eq!(record.judge(Kernel::Codes, many), Some(Kernel::Dot));
        assert_eq!(record.judge(Kernel::Dot, many), Some(Kernel::Difference));
        assert_eq!(record.judge(Kernel::Difference, many), Some(Kernel::Dot));
        assert_eq!(record.judge(Kernel::Dot, many), None);
    }

    #[test]
    fn the_first_rows_are_not_held_against_a_kernel() {
        let all_survive = block(63, 32, 6300);
        let mut record = Record::default();
        assert!(record.is_empty());
        assert_eq!(record.judge(Kernel::Dot, all_survive), None);
        assert!(!record.is_empty());
        assert_eq!(record.judge(Kernel::Dot, all_survive), Some(Kernel::Difference));
    }

    #[test]
    fn one_block_of_near_rows_is_forgiven() {
        let mut record = Record::default();
        assert!((0..9).all(|_| record.judge(Kernel::Codes, block(10_000, 32, 100)).is_none()));
        assert_eq!(record.judge(Kernel::Codes, block(10_000, 32, 70_000)), None);
        assert_eq!(record.judge(Kernel::Codes, block(10_000, 32, 70_000)), Some(Kernel::Dot));
        // The next begins anew.
        assert_eq!(record.judge(Kernel::Dot, block(10_000, 32, 7_000)), None);
    }

    #[test]
    fn wide_rows_forgive_the_codes_more_survivors() {
        let one_in_fifty = |n_features: usize| block(10_000, n_features, 20_000);
        let judged = |kernel: Kernel, block: Screened| Record::default().judge(kernel, block);
        assert_eq!(judged(Kernel::Codes, one_in_fifty(32)), Some(Kernel::Dot));
        assert_eq!(judged(Kernel::Codes, one_in_fifty(512)), None);
        assert_eq!(judged(Kernel::Dot, one_in_fifty(512)), Some(Kernel::Difference));
    }
}
