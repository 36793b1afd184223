//! The one door to threads.
//!
//! One rayon pool, grown to the most threads asked for so far; a call takes as many of them as it may, for it has
//! that many *lanes*, each of which takes one task after the other. The calling thread runs the first: a call never
//! waits for a pool that is busy with another.
//!
//! A forked child inherits the memory of its parent's pool but none of its threads and would wait for ever, so it
//! leaks that pool and makes its own. It is known by its process id and by a count of forks, for in a namespace of
//! its own a child can have the id of its parent.

use std::any::Any;
use std::ops::Range;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::Error;

/// How often this process and its ancestors were the child of a fork.
static FORKS: AtomicU32 = AtomicU32::new(0);

#[cfg(unix)]
fn count_forks() {
    static COUNTING: AtomicBool = AtomicBool::new(false);
    extern "C" fn in_child() {
        FORKS.fetch_add(1, Ordering::Relaxed);
    }
    if !COUNTING.swap(true, Ordering::AcqRel) {
        // SAFETY: the handler only adds to an atomic, which is allowed in the child of a process with threads, and
        // a library of Python's is never unloaded. A failure leaves the process id to tell.
        unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    }
}

#[cfg(not(unix))]
fn count_forks() {}

struct Shared {
    process: u32,
    forks: u32,
    largest: Mutex<Option<Arc<rayon::ThreadPool>>>,
}

static SHARED: AtomicPtr<Shared> = AtomicPtr::new(std::ptr::null_mut());

/// What the threads of this process share. Never blocks on a lock that a forked child could have inherited locked.
fn shared() -> &'static Shared {
    count_forks();
    let (process, forks) = (std::process::id(), FORKS.load(Ordering::Relaxed));
    loop {
        let current = SHARED.load(Ordering::Acquire);
        if !current.is_null() {
            // SAFETY: a non-null pointer in SHARED comes from `Box::into_raw` below and is never freed.
            let shared = unsafe { &*current };
            if (shared.process, shared.forks) == (process, forks) {
                return shared;
            }
        }
        let fresh = Box::into_raw(Box::new(Shared { process, forks, largest: Mutex::default() }));
        if SHARED.compare_exchange(current, fresh, Ordering::AcqRel, Ordering::Acquire).is_err() {
            // SAFETY: `fresh` was made two lines above and was not published.
            drop(unsafe { Box::from_raw(fresh) });
        }
    }
}

/// The pool, with at least `n_helpers` threads; a smaller one ends when the last call has left it.
fn rayon_pool(n_helpers: usize) -> Result<Arc<rayon::ThreadPool>, Error> {
    let mut largest = locked(&shared().largest);
    if let Some(pool) = largest.as_ref().filter(|pool| pool.current_num_threads() >= n_helpers) {
        return Ok(Arc::clone(pool));
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(n_helpers)
        .thread_name(|i| format!("nngmix-{i}"))
        .build()
        .map_err(|reason| Error::Threads { n_threads: n_helpers + 1, reason: reason.to_string() })?;
    Ok(Arc::clone(largest.insert(Arc::new(pool))))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Work that threads of the pool may join as long as its call lasts.
struct Call {
    lane: *const (dyn Fn() + Sync),
    state: Mutex<Joined>,
    left: Condvar,
}

#[derive(Default)]
struct Joined {
    closed: bool,
    running: usize,
    panic: Option<Box<dyn Any + Send>>,
}

// SAFETY: `lane` points to what may be called by several threads at once, and is followed only as `join` says.
unsafe impl Send for Call {}
// SAFETY: as above.
unsafe impl Sync for Call {}

impl Call {
    /// Runs a lane on this thread, unless the call has ended.
    fn join(&self) {
        {
            let mut state = locked(&self.state);
            if state.closed {
                return;
            }
            state.running += 1;
        }
        // SAFETY: `in_lanes` keeps what `lane` points to until no thread is running, and none begins once closed.
        let done = catch_unwind(AssertUnwindSafe(|| unsafe { (*self.lane)() }));
        let mut state = locked(&self.state);
        state.running -= 1;
        state.panic = state.panic.take().or(done.err());
        self.left.notify_all();
    }
}

/// Runs `lane` on this thread and on up to `n_helpers` of the pool, until all have returned. Those that the pool
/// has not begun when this thread has ended are not waited for: nothing is left for them.
fn in_lanes(pool: &rayon::ThreadPool, n_helpers: usize, lane: &(dyn Fn() + Sync)) {
    // SAFETY: only the lifetime changes, and the pointer is followed within it alone; see `Call::join`.
    let lane: *const (dyn Fn() + Sync + 'static) = unsafe { std::mem::transmute(std::ptr::from_ref(lane)) };
    let call = Arc::new(Call { lane, state: Mutex::default(), left: Condvar::new() });
    for _ in 0..n_helpers {
        let call = Arc::clone(&call);
        pool.spawn(move || call.join());
    }
    call.join();
    let mut state = locked(&call.state);
    state.closed = true;
    while state.running > 0 {
        state = call.left.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
    if let Some(panic) = state.panic.take() {
        drop(state);
        resume_unwind(panic);
    }
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
            _ => Ok(Self { n_threads, rayon: Some(rayon_pool(n_threads - 1)?) }),
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
        let Some(pool) = self.rayon.as_deref().filter(|_| tasks.len() > 1) else {
            return tasks.into_iter().map(work).collect();
        };
        let n_helpers = self.n_threads.min(tasks.len()) - 1;
        let done = Mutex::new(Vec::with_capacity(tasks.len()));
        let tasks = Mutex::new(tasks.into_iter().enumerate());
        in_lanes(pool, n_helpers, &|| loop {
            let Some((i, task)) = locked(&tasks).next() else { return };
            let out = work(task);
            locked(&done).push((i, out));
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_unstable_by_key(|&(i, _)| i);
        done.into_iter().map(|(_, out)| out).collect()
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
    fn no_more_lanes_than_threads_run_at_once_whatever_the_pool() {
        let _larger = Pool::new(8).expect("threads");
        let (running, most) = (AtomicU32::new(0), AtomicU32::new(0));
        Pool::new(3).expect("threads").map(vec![(); 60], |()| {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(std::time::Duration::from_millis(1));
            running.fetch_sub(1, Ordering::SeqCst);
        });
        assert!((1..=3).contains(&most.into_inner()));
    }

    #[test]
    fn a_busy_pool_does_not_keep_another_call_waiting() {
        let n = rayon_pool(1).expect("threads").current_num_threads() + 1;
        let (pool, begun) = (Pool::new(n).expect("threads"), std::sync::Barrier::new(n + 1));
        let release = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let busy = scope.spawn(|| {
                pool.map(vec![(); n], |()| {
                    begun.wait();
                    while !release.load(Ordering::SeqCst) {
                        std::thread::yield_now();
                    }
                });
            });
            begun.wait();
            // Every thread of the pool is held: this call has its own thread alone.
            assert_eq!(Pool::new(2).expect("threads").map(vec![1, 2, 3], |i| i + 1), [2, 3, 4]);
            release.store(true, Ordering::SeqCst);
            busy.join().expect("no panic");
        });
    }

    #[test]
    fn a_panic_of_a_task_reaches_the_caller_once_all_lanes_have_ended() {
        let pool = Pool::new(4).expect("threads");
        for at in [0, 7] {
            let caught = catch_unwind(AssertUnwindSafe(|| pool.map((0..8).collect(), |i| assert_ne!(i, at))));
            assert!(caught.is_err());
        }
        assert_eq!(pool.map(vec![1, 2], |i| i), [1, 2]);
    }

    #[test]
    fn cancelled_work_reports_an_interruption() {
        let cancel = Cancel::default();
        assert_eq!(cancel.check(), Ok(()));
        cancel.cancel();
        assert_eq!(cancel.check(), Err(Error::Interrupted));
    }
}
