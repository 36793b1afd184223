//! The one door to threads.
//!
//! One rayon pool for each number of threads, kept for the life of the process and keyed by the process id:
//! a forked child inherits the memory of its parent's pool but none of its threads and would wait for ever,
//! so it leaks that pool and makes its own.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rayon::prelude::*;

use crate::Error;

struct Pools {
    process: u32,
    by_size: Mutex<HashMap<usize, Arc<rayon::ThreadPool>>>,
}

static POOLS: AtomicPtr<Pools> = AtomicPtr::new(std::ptr::null_mut());

/// The pools of this process. Never blocks on a lock that a forked child could have inherited locked.
fn pools() -> &'static Pools {
    let process = std::process::id();
    loop {
        let current = POOLS.load(Ordering::Acquire);
        if !current.is_null() {
            // SAFETY: a non-null pointer in POOLS comes from `Box::into_raw` below and is never freed.
            let pools = unsafe { &*current };
            if pools.process == process {
                return pools;
            }
        }
        let fresh = Box::into_raw(Box::new(Pools { process, by_size: Mutex::default() }));
        if POOLS.compare_exchange(current, fresh, Ordering::AcqRel, Ordering::Acquire).is_err() {
            // SAFETY: `fresh` was made two lines above and was not published.
            drop(unsafe { Box::from_raw(fresh) });
        }
    }
}

fn rayon_pool(n_threads: usize) -> Result<Arc<rayon::ThreadPool>, Error> {
    let mut by_size = pools().by_size.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pool) = by_size.get(&n_threads) {
        return Ok(Arc::clone(pool));
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(n_threads)
        .thread_name(|i| format!("nngmix-{i}"))
        .build()
        .map_err(|reason| Error::Threads { n_threads, reason: reason.to_string() })?;
    let pool = Arc::new(pool);
    by_size.insert(n_threads, Arc::clone(&pool));
    Ok(pool)
}

/// Threads for one piece of work. Results never depend on their number.
pub struct Pool {
    n_threads: usize,
    rayon: Option<Arc<rayon::ThreadPool>>,
}

impl Pool {
    /// A pool of `n_threads`; one thread means the calling thread itself.
    pub fn new(n_threads: usize) -> Result<Self, Error> {
        match n_threads {
            0 => Err(Error::Parameter { what: "n_threads", expected: "at least 1", got: "0".into() }),
            1 => Ok(Self { n_threads, rayon: None }),
            _ => Ok(Self { n_threads, rayon: Some(rayon_pool(n_threads)?) }),
        }
    }

    /// Threads the system offers to this process; asked once, for the answer takes longer than a small search.
    pub fn available() -> usize {
        static AVAILABLE: OnceLock<usize> = OnceLock::new();
        *AVAILABLE.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from))
    }

    /// Number of threads.
    pub fn n_threads(&self) -> usize {
        self.n_threads
    }

    /// `work` of each task, in the order of the tasks.
    pub fn map<I: Send, O: Send>(&self, tasks: Vec<I>, work: impl Fn(I) -> O + Sync + Send) -> Vec<O> {
        match &self.rayon {
            Some(pool) if tasks.len() > 1 => {
                pool.install(|| tasks.into_par_iter().with_max_len(1).map(work).collect())
            }
            _ => tasks.into_iter().map(work).collect(),
        }
    }
}

/// `0..n` cut into at most `parts` ranges of nearly equal length.
pub fn split(n: usize, parts: usize) -> Vec<Range<usize>> {
    let parts = parts.clamp(1, n.max(1));
    (0..parts).map(|i| i * n / parts..(i + 1) * n / parts).collect()
}

/// A flag by which the caller stops work under way.
#[derive(Debug, Default)]
pub struct Cancel(AtomicBool);

impl Cancel {
    /// Asks the work to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// An error once `cancel` was called; long work asks every few milliseconds.
    #[inline]
    pub fn check(&self) -> Result<(), Error> {
        if self.0.load(Ordering::Relaxed) {
            return Err(Error::Interrupted);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn map_keeps_the_order_of_tasks_at_every_size() {
        for n_threads in [1, 2, 5] {
            let pool = Pool::new(n_threads).expect("threads");
            let squares = pool.map((0..100).collect(), |i: u64| i * i);
            assert_eq!(squares, (0..100).map(|i| i * i).collect::<Vec<_>>());
        }
        assert!(Pool::new(0).is_err());
    }

    #[test]
    fn parts_are_nearly_equal_and_cover_everything() {
        for (n, parts) in [(10, 3), (2, 5), (0, 4), (7, 0), (64, 64)] {
            let ranges = split(n, parts);
            assert!(ranges.len() <= parts.max(1));
            assert_eq!(ranges.iter().flat_map(Clone::clone).collect::<Vec<_>>(), (0..n).collect::<Vec<_>>());
            let lengths = ranges.iter().map(ExactSizeIterator::len);
            assert!(lengths.clone().max() <= lengths.min().map(|shortest| shortest + 1));
        }
    }

    #[test]
    fn a_pool_is_made_once_a_size() {
        let first = rayon_pool(3).expect("threads");
        assert!(Arc::ptr_eq(&first, &rayon_pool(3).expect("threads")));
    }

    #[test]
    fn cancelled_work_reports_an_interruption() {
        let cancel = Cancel::default();
        assert_eq!(cancel.check(), Ok(()));
        cancel.cancel();
        assert_eq!(cancel.check(), Err(Error::Interrupted));
    }
}
