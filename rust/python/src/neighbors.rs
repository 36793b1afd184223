//! The exact search, and the state of a table between blocks of rows.

use nngmix_core::neighbors::{search, Request, RowIds, Table};
use nngmix_core::rows::Element;
use numpy::{
    Element as NumpyElement, IntoPyArray, PyArray2, PyArray3, PyArrayMethods, PyReadonlyArray1,
    PyReadonlyArray2, PyReadonlyArray3, PyUntypedArrayMethods,
};
use pyo3::prelude::*;

use crate::arrays::{by_dtype, rows, values, Matrix};
use crate::run::{run, to_python};

/// Squared distances and positions, a row for each query.
type Found<'py> = (Bound<'py, PyArray2<f64>>, Bound<'py, PyArray2<i64>>);

/// Squared distances and positions of the nearest rows of each query, nearest first.
#[pyfunction]
pub fn kneighbors<'py>(
    py: Python<'py>,
    queries: &Matrix<'py>,
    array: &Matrix<'py>,
    n_neighbors: usize,
    n_threads: Option<usize>,
) -> PyResult<Found<'py>> {
    by_dtype!(queries, |queries: PyReadonlyArray2<T>| {
        let array: PyReadonlyArray2<'_, T> = array.extract()?;
        let request = Request {
            queries: rows::<T>("queries", &queries)?,
            rows: rows::<T>("array", &array)?,
            ids: RowIds::From(0),
            n_neighbors,
            limits: None,
        };
        let n_queries = request.queries.len();
        let work = n_queries as f64 * request.rows.values().len() as f64;
        let (distances, positions) = run(py, n_threads, work, |pool, cancel| {
            let lists = search(&request, pool, cancel)?;
            let mut distances = Vec::with_capacity(n_queries * n_neighbors);
            let mut positions = Vec::with_capacity(n_queries * n_neighbors);
            for i in 0..n_queries {
                distances.extend(lists.get(i).iter().map(|c| c.squared_distance));
                positions.extend(lists.get(i).iter().map(|c| c.position as i64));
            }
            Ok((distances, positions))
        })?;
        let shape = [n_queries, distances.len() / n_queries.max(1)];
        Ok((distances.into_pyarray(py).reshape(shape)?, positions.into_pyarray(py).reshape(shape)?))
    })
}

/// The nearest rows of each anomaly, as Python keeps them.
#[derive(FromPyObject)]
pub struct StateIn<'py> {
    squared_distances: PyReadonlyArray2<'py, f64>,
    row_ids: PyReadonlyArray2<'py, i64>,
    neighbor_rows: Bound<'py, PyAny>,
}

/// The same on its way to Python.
#[derive(IntoPyObject)]
pub struct State<'py> {
    squared_distances: Bound<'py, PyArray2<f64>>,
    row_ids: Bound<'py, PyArray2<i64>>,
    neighbor_rows: Bound<'py, PyAny>,
}

impl StateIn<'_> {
    fn table<T: NumpyElement + Element>(&self, filled: usize) -> PyResult<Table<T>> {
        let contents: PyReadonlyArray3<'_, T> = self.neighbor_rows.extract()?;
        Ok(Table {
            n_neighbors: contents.shape()[1],
            n_features: contents.shape()[2],
            filled,
            squared_distances: values("squared_distances", &self.squared_distances)?.to_vec(),
            ids: values("row_ids", &self.row_ids)?.to_vec(),
            rows: values("neighbor_rows", &contents)?.to_vec(),
        })
    }
}

impl<'py> State<'py> {
    fn new<T: NumpyElement + Element>(
        py: Python<'py>,
        n_anomalies: usize,
        table: Table<T>,
    ) -> PyResult<Self> {
        let (k, d) = (table.n_neighbors, table.n_features);
        let contents: Bound<'_, PyArray3<T>> = table.rows.into_pyarray(py).reshape([n_anomalies, k, d])?;
        Ok(Self {
            squared_distances: table.squared_distances.into_pyarray(py).reshape([n_anomalies, k])?,
            row_ids: table.ids.into_pyarray(py).reshape([n_anomalies, k])?,
            neighbor_rows: contents.into_any(),
        })
    }
}

/// The state of a table after one more block of rows. `ids` is the id of the first row or an array.
#[pyfunction]
pub fn update<'py>(
    py: Python<'py>,
    anomalies: &Matrix<'py>,
    state: StateIn<'py>,
    filled: usize,
    array: &Matrix<'py>,
    ids: &Bound<'py, PyAny>,
    n_threads: Option<usize>,
) -> PyResult<State<'py>> {
    by_dtype!(anomalies, |anomalies: PyReadonlyArray2<T>| {
        let array: PyReadonlyArray2<'_, T> = array.extract()?;
        let (anomalies, array) = (rows::<T>("anomalies", &anomalies)?, rows::<T>("array", &array)?);
        let table = state.table::<T>(filled)?;
        let given: Option<PyReadonlyArray1<'_, i64>> = ids.extract().ok();
        let ids = match &given {
            Some(ids) => RowIds::Given(values("ids", ids)?),
            None => RowIds::From(ids.extract()?),
        };
        let work = anomalies.len() as f64 * array.values().len() as f64;
        let table =
            run(py, n_threads, work, |pool, cancel| table.updated(anomalies, array, ids, pool, cancel))?;
        State::new(py, anomalies.len(), table)
    })
}

/// The state of the table of the rows of two tables.
#[pyfunction]
pub fn merge<'py>(
    py: Python<'py>,
    state: StateIn<'py>,
    filled: usize,
    other: StateIn<'py>,
    other_filled: usize,
) -> PyResult<State<'py>> {
    let n_anomalies = state.row_ids.shape()[0];
    by_dtype!(&state.neighbor_rows, |_contents: PyReadonlyArray3<T>| {
        let (table, other) = (state.table::<T>(filled)?, other.table::<T>(other_filled)?);
        let merged = py.detach(|| table.merged(&other)).map_err(to_python)?;
        State::new(py, n_anomalies, merged)
    })
}
