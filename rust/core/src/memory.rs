//! Memory whose size follows the data, asked for so that a refusal is an error: Rust ends the process otherwise.

use std::alloc::{alloc_zeroed, Layout};

use crate::Error;

/// A type whose value of zero bits is its `Default`.
///
/// # Safety
/// All bits zero must be a value.
pub unsafe trait Zero: Copy + Default {}

// SAFETY: zero bits are 0 and false.
unsafe impl Zero for f32 {}
// SAFETY: as above.
unsafe impl Zero for f64 {}
// SAFETY: as above.
unsafe impl Zero for i64 {}
// SAFETY: as above.
unsafe impl Zero for bool {}

/// An empty vector with room for `n` values.
pub fn room<T>(n: usize) -> Result<Vec<T>, Error> {
    let mut values = Vec::new();
    values.try_reserve_exact(n).map_err(|_| refused::<T>(n))?;
    Ok(values)
}

/// `n` times the same value.
pub fn filled<T: Clone>(value: T, n: usize) -> Result<Vec<T>, Error> {
    let mut values = room(n)?;
    values.resize(n, value);
    Ok(values)
}

/// `n` zeros, in pages that the system makes when they are written.
pub fn zeros<T: Zero>(n: usize) -> Result<Vec<T>, Error> {
    let layout = Layout::array::<T>(n).map_err(|_| refused::<T>(n))?;
    if layout.size() == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: the layout is not empty.
    let values = unsafe { alloc_zeroed(layout) }.cast::<T>();
    if values.is_null() {
        return Err(refused::<T>(n));
    }
    // SAFETY: the global allocator, which vectors use, gave room for an array of `n`, whose zero bits are values.
    Ok(unsafe { Vec::from_raw_parts(values, n, n) })
}

fn refused<T>(n: usize) -> Error {
    Error::Memory { bytes: n.saturating_mul(size_of::<T>()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_refuses_is_an_error_that_says_how_much_it_was() {
        assert_eq!(room::<f64>(1 << 60), Err(Error::Memory { bytes: 1 << 63 }));
        assert_eq!(filled(1.0_f64, 1 << 57), Err(Error::Memory { bytes: 1 << 60 }));
        assert_eq!(zeros::<i64>(1 << 57), Err(Error::Memory { bytes: 1 << 60 }));
        assert_eq!(zeros::<f32>(usize::MAX), Err(Error::Memory { bytes: usize::MAX }));
    }

    #[test]
    fn what_it_grants_holds_what_was_asked_for() {
        assert!(room::<u8>(5).is_ok_and(|values| values.is_empty() && values.capacity() >= 5));
        assert_eq!(filled(2_i64, 3), Ok(vec![2; 3]));
        assert_eq!((zeros::<f64>(0), zeros::<f64>(3)), (Ok(vec![]), Ok(vec![0.0; 3])));
        let mut grown = zeros::<bool>(1000).expect("a little");
        grown.push(true);
        assert_eq!((grown.len(), grown.iter().filter(|&&value| value).count()), (1001, 1));
    }
}
