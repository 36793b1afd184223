//! Views of NumPy arrays. The package hands over C-contiguous arrays; this is where that is checked, and where an
//! array that is written while another argument or another call holds it is refused.

use std::ops::{Deref, DerefMut};

use nngmix_core::rows::{Element, Rows};
use numpy::ndarray::{Dimension, Ix1, Ix2, Ix3};
use numpy::{
    dtype, BorrowError, Element as NumpyElement, PyArray, PyArrayDescrMethods, PyArrayMethods,
    PyReadonlyArray, PyReadwriteArray, PyUntypedArray, PyUntypedArrayMethods,
};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

/// An array whose dtype is looked at here.
pub type Matrix<'py> = Bound<'py, PyAny>;

/// An array that is read. Unlike those of the `numpy` crate, taking one never panics.
pub struct Read<'py, T: NumpyElement, D: Dimension>(PyReadonlyArray<'py, T, D>);
/// An array that is written.
pub struct Write<'py, T: NumpyElement, D: Dimension>(PyReadwriteArray<'py, T, D>);

pub type Read1<'py, T> = Read<'py, T, Ix1>;
pub type Read2<'py, T> = Read<'py, T, Ix2>;
pub type Read3<'py, T> = Read<'py, T, Ix3>;
pub type Write1<'py, T> = Write<'py, T, Ix1>;
pub type Write2<'py, T> = Write<'py, T, Ix2>;

impl<'a, 'py, T: NumpyElement + 'a, D: Dimension + 'a> FromPyObject<'a, 'py> for Read<'py, T, D> {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        object.cast::<PyArray<T, D>>()?.try_readonly().map(Self).map_err(refused)
    }
}

impl<'a, 'py, T: NumpyElement + 'a, D: Dimension + 'a> FromPyObject<'a, 'py> for Write<'py, T, D> {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        object.cast::<PyArray<T, D>>()?.try_readwrite().map(Self).map_err(refused)
    }
}

fn refused(error: BorrowError) -> PyErr {
    PyValueError::new_err(match error {
        BorrowError::NotWriteable => "an array that is to be written is read-only",
        _ => {
            "an array that is written shares memory with another one that is in use, by this call or by another \
             thread: give each call an `out` of its own"
        }
    })
}

impl<'py, T: NumpyElement, D: Dimension> Deref for Read<'py, T, D> {
    type Target = PyReadonlyArray<'py, T, D>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<'py, T: NumpyElement, D: Dimension> Deref for Write<'py, T, D> {
    type Target = PyReadwriteArray<'py, T, D>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T: NumpyElement, D: Dimension> DerefMut for Write<'_, T, D> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

/// Whether an array holds float32, else float64; anything else is an error.
pub fn is_narrow(array: &Matrix<'_>) -> PyResult<bool> {
    let (py, found) = (array.py(), array.cast::<PyUntypedArray>().ok().map(|array| array.dtype()));
    match found {
        Some(found) if found.is_equiv_to(&dtype::<f32>(py)) => Ok(true),
        Some(found) if found.is_equiv_to(&dtype::<f64>(py)) => Ok(false),
        Some(found) => Err(PyTypeError::new_err(format!("expected a float32 or float64 array, got {found}"))),
        None => Err(PyTypeError::new_err(format!("expected an array, got {}", array.get_type()))),
    }
}

/// Calls `$body` with `$array` read as float32 or float64, `$type` naming which.
macro_rules! by_dtype {
    ($array:expr, |$typed:ident: $kind:ident<$type:ident>| $body:expr) => {{
        let array: &Bound<'_, PyAny> = $array;
        if $crate::arrays::is_narrow(array)? {
            type $type = f32;
            let $typed: $kind<'_, $type> = array.extract()?;
            $body
        } else {
            type $type = f64;
            let $typed: $kind<'_, $type> = array.extract()?;
            $body
        }
    }};
}
pub(crate) use by_dtype;

/// The values of a C-contiguous array.
pub fn values<'a, T: NumpyElement, D: Dimension>(
    name: &str,
    array: &'a PyReadonlyArray<'_, T, D>,
) -> PyResult<&'a [T]> {
    // `as_slice` alone would also hand out Fortran-ordered memory.
    match array.as_slice() {
        Ok(values) if array.is_c_contiguous() => Ok(values),
        _ => Err(PyValueError::new_err(format!("{name} must be C-contiguous"))),
    }
}

/// The values of a C-contiguous array, to be written.
pub fn values_mut<'a, T: NumpyElement, D: Dimension>(
    name: &str,
    array: &'a mut PyReadwriteArray<'_, T, D>,
) -> PyResult<&'a mut [T]> {
    let contiguous = array.is_c_contiguous();
    match array.as_slice_mut() {
        Ok(values) if contiguous => Ok(values),
        _ => Err(PyValueError::new_err(format!("{name} must be C-contiguous"))),
    }
}

/// A C-contiguous matrix as rows.
pub fn rows<'a, T: NumpyElement + Element>(
    name: &str,
    array: &'a PyReadonlyArray<'_, T, Ix2>,
) -> PyResult<Rows<'a, T>> {
    Rows::new(values(name, array)?, array.shape()[1]).map_err(crate::run::to_python)
}
