//! Views of NumPy arrays. The package hands over C-contiguous arrays; this is where that is checked.

use nngmix_core::rows::{Element, Rows};
use numpy::ndarray::Dimension;
use numpy::{Element as NumpyElement, PyReadonlyArray, PyReadwriteArray, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// An array whose dtype is looked at here.
pub type Matrix<'py> = Bound<'py, PyAny>;

/// Calls `$body` with `$array` read as float32 or float64, `$type` naming which.
macro_rules! by_dtype {
    ($array:expr, |$typed:ident: $kind:ident<$type:ident>| $body:expr) => {{
        let array: &Bound<'_, PyAny> = $array;
        if let Ok($typed) = array.extract::<$kind<'_, f32>>() {
            type $type = f32;
            $body
        } else if let Ok($typed) = array.extract::<$kind<'_, f64>>() {
            type $type = f64;
            $body
        } else {
            Err(pyo3::exceptions::PyTypeError::new_err(format!(
                "expected a float32 or float64 array, got {}",
                array.get_type()
            )))
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
    array: &'a PyReadonlyArray<'_, T, numpy::Ix2>,
) -> PyResult<Rows<'a, T>> {
    Rows::new(values(name, array)?, array.shape()[1]).map_err(crate::run::to_python)
}
