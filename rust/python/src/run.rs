//! Running a kernel: GIL released, Ctrl-C polled, errors and panics mapped.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use nngmix_core::parallel::{Cancel, Pool};
use nngmix_core::simd::Isa;
use nngmix_core::Error;
use pyo3::exceptions::{PyKeyboardInterrupt, PyMemoryError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;

/// How often a waiting caller looks for signals.
const POLL: Duration = Duration::from_millis(25);
/// Work below this many elementary operations ends within milliseconds and runs on the calling thread.
const SHORT: f64 = 2e8;
/// As `SHORT`, of work that waits for memory: an operation takes several times as long.
const SHORT_MOVES: f64 = 4e7;
/// Fewer operations than this a thread are not worth waking another thread for.
const WORTH_A_THREAD: f64 = 2.5e6;
/// Operations a value costs on its way through the noise and the mix.
pub const WORK_OF_A_VALUE: f64 = 20.0;

/// Threads of a call that does not say how many; 0 means all the system offers.
static DEFAULT_THREADS: AtomicUsize = AtomicUsize::new(0);

/// Threads the system offers: the cores of this process, or what a quota of its control group leaves of them.
#[pyfunction]
pub fn available_threads() -> usize {
    Pool::available()
}

/// Threads of a call that does not say how many.
#[pyfunction]
pub fn default_threads() -> usize {
    match DEFAULT_THREADS.load(Ordering::Relaxed) {
        0 => Pool::available(),
        n_threads => n_threads,
    }
}

/// Sets what `default_threads` gives; 0 means all the system offers.
#[pyfunction]
pub fn set_default_threads(n_threads: usize) {
    DEFAULT_THREADS.store(n_threads, Ordering::Relaxed);
}

/// The name of the instruction set in use.
#[pyfunction]
pub fn instruction_set() -> PyResult<&'static str> {
    Isa::current().map(Isa::name).map_err(to_python)
}

/// One Python exception for each kind of error.
pub fn to_python(error: Error) -> PyErr {
    match error {
        Error::Interrupted => PyKeyboardInterrupt::new_err(()),
        Error::Threads { .. } => PyRuntimeError::new_err(error.to_string()),
        Error::Memory { .. } => PyMemoryError::new_err(error.to_string()),
        _ => PyValueError::new_err(error.to_string()),
    }
}

/// Runs `kernel` with the GIL released. `work` estimates its elementary operations: it decides where the
/// kernel runs and on how many threads, never on its result.
pub fn run<R: Send>(
    py: Python<'_>,
    n_threads: Option<usize>,
    work: f64,
    kernel: impl FnOnce(&Pool, &Cancel) -> Result<R, Error> + Send,
) -> PyResult<R> {
    run_up_to(SHORT, py, n_threads, work, kernel)
}

/// `run` for a kernel that does little but move values to fresh memory.
pub fn run_moves<R: Send>(
    py: Python<'_>,
    n_threads: Option<usize>,
    work: f64,
    kernel: impl FnOnce(&Pool, &Cancel) -> Result<R, Error> + Send,
) -> PyResult<R> {
    run_up_to(SHORT_MOVES, py, n_threads, work, kernel)
}

fn run_up_to<R: Send>(
    short: f64,
    py: Python<'_>,
    n_threads: Option<usize>,
    work: f64,
    kernel: impl FnOnce(&Pool, &Cancel) -> Result<R, Error> + Send,
) -> PyResult<R> {
    let useful = (work / WORTH_A_THREAD).max(1.0) as usize;
    let n_threads = n_threads.unwrap_or_else(default_threads).min(useful);
    let pool = Pool::new(n_threads).map_err(to_python)?;
    let cancel = Cancel::default();
    let guarded = || catch_unwind(AssertUnwindSafe(|| kernel(&pool, &cancel)));
    let outcome = if work < short { py.detach(guarded) } else { watched(py, &cancel, guarded)? };
    match outcome {
        Ok(result) => result.map_err(to_python),
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().map(ToString::to_string);
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
            Err(PyRuntimeError::new_err(format!("internal error in nngmix, please report it: {text}")))
        }
    }
}

/// Runs `work` on a thread of its own while this one, which alone can see signals, looks for them.
fn watched<R: Send>(py: Python<'_>, cancel: &Cancel, work: impl FnOnce() -> R + Send) -> PyResult<R> {
    let finished = (Mutex::new(false), Condvar::new());
    let (flag, bell) = &finished;
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new().name("nngmix-call".into()).spawn_scoped(scope, || {
            let result = work();
            *flag.lock().unwrap_or_else(PoisonError::into_inner) = true;
            bell.notify_all();
            result
        });
        let worker = worker.map_err(|e| PyRuntimeError::new_err(format!("could not start a thread: {e}")))?;
        let mut signal = Ok(());
        loop {
            let done = py.detach(|| {
                let flag = flag.lock().unwrap_or_else(PoisonError::into_inner);
                let waited = bell.wait_timeout_while(flag, POLL, |done| !*done);
                *waited.unwrap_or_else(PoisonError::into_inner).0
            });
            if done {
                break;
            }
            if signal.is_ok() {
                signal = py.check_signals();
                if signal.is_err() {
                    cancel.cancel();
                }
            }
        }
        let result = worker.join();
        signal?;
        result.map_err(|_| PyRuntimeError::new_err("internal error in nngmix: a thread was lost"))
    })
}
