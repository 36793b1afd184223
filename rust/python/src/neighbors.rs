//! The exact search, and the state of a table between blocks of rows.

use nngmix_core::memory::room;
use nngmix_core::neighbors::{search, Mixed, Request, RowIds, Table, TableView};
use nngmix_core::rows::Element;
use numpy::{
    Element as NumpyElement, IntoPyArray, PyArray2, PyArray3, PyArrayMethods, PyUntypedArray,
    PyUntypedArrayMethods,
};
use pyo3::prelude::*;

use crate::arrays::{by_dtype, rows, values, Matrix, Read1, Read2, Read3};
use crate::run::{run, to_python};

/// Operations a value of a table costs that is copied into the next state.
const WORK_OF_A_SLOT: f64 = 4.0;

/// Squared distances and positions, a row for each query.
type Found<'py> = (Bound<'py, PyArray2<f64>>, Bound<'py, PyArray2<i64>>);

/// The kinds of the columns, as Python keeps them.
#[derive(FromPyObject)]
pub struct MixedIn<'py> {
    categorical: Read1<'py, bool>,
    categorical_weight: f64,
}

impl MixedIn<'_> {
    fn checked(&self) -> PyResult<Mixed> {
        Mixed::new(values("categorical", &self.categorical)?, self.categorical_weight).map_err(to_python)
    }
}

/// Squared distances and positions of the nearest rows of each query, nearest first. With `mixed` columns can be
/// categories, and NaN is a missing value.
#[pyfunction]
#[pyo3(signature = (queries, array, n_neighbors, n_threads, mixed=None))]
pub fn kneighbors<'py>(
    py: Python<'py>,
    queries: &Matrix<'py>,
    array: &Matrix<'py>,
    n_neighbors: usize,
    n_threads: Option<usize>,
    mixed: Option<MixedIn<'py>>,
) -> PyResult<Found<'py>> {
    let mixed = mixed.map(|mixed| mixed.checked()).transpose()?;
    by_dtype!(queries, |queries: Read2<T>| {
        let array: Read2<'_, T> = array.extract()?;
        let request = Request {
            queries: rows::<T>("queries", &queries)?,
            rows: rows::<T>("array", &array)?,
            ids: RowIds::From(0),
            n_neighbors,
            limits: None,
            mixed: mixed.as_ref(),
        };
        let n_queries = request.queries.len();
        let work = n_queries as f64 * request.rows.values().len() as f64;
        let (distances, positions) = run(py, n_threads, work, |pool, cancel| {
            let lists = search(&request, pool, cancel)?;
            let n_values = n_queries.saturating_mul(n_neighbors.min(request.rows.len()));
            let (mut distances, mut positions) = (room(n_values)?, room(n_values)?);
            for i in 0..n_queries {
                cancel.check()?;
                distances.extend(lists.get(i).iter().map(|c| c.squared_distance));
                positions.extend(lists.get(i).iter().map(|c| c.position as i64));
            }
            Ok((distances, positions))
        })?;
        let shape = [n_queries, distances.len() / n_queries.max(1)];
        Ok((distances.into_pyarray(py).reshape(shape)?, positions.into_pyarray(py).reshape(shape)?))
    })
}

/// What `kneighbors` found for the rows themselves, less each row's own number or, where that is not in its list,
/// the last.
#[pyfunction]
pub fn without_self<'py>(
    py: Python<'py>,
    distances: Read2<'py, f64>,
    positions: Read2<'py, i64>,
) -> PyResult<Found<'py>> {
    let (n, k) = (positions.shape()[0], positions.shape()[1].max(1));
    let (distances, positions) = (values("distances", &distances)?, values("positions", &positions)?);
    let n_values = n.saturating_mul(k - 1);
    let (mut near, mut at) = (room(n_values).map_err(to_python)?, room(n_values).map_err(to_python)?);
    for (i, (distances, positions)) in distances.chunks_exact(k).zip(positions.chunks_exact(k)).enumerate() {
        let own = positions.iter().position(|&position| position == i as i64).unwrap_or(k - 1);
        for (left, all) in
            [(&distances[..own], &positions[..own]), (&distances[own + 1..], &positions[own + 1..])]
        {
            near.extend_from_slice(left);
            at.extend_from_slice(all);
        }
    }
    Ok((near.into_pyarray(py).reshape([n, k - 1])?, at.into_pyarray(py).reshape([n, k - 1])?))
}

/// The nearest rows of each anomaly, as Python keeps them.
#[derive(FromPyObject)]
pub struct StateIn<'py> {
    squared_distances: Read2<'py, f64>,
    row_ids: Read2<'py, i64>,
    neighbor_rows: Bound<'py, PyAny>,
}

/// The same on its way to Python.
#[derive(IntoPyObject)]
pub struct State<'py> {
    squared_distances: Bound<'py, PyArray2<f64>>,
    row_ids: Bound<'py, PyArray2<i64>>,
    neighbor_rows: Bound<'py, PyAny>,
}

impl<'py> StateIn<'py> {
    fn contents<T: NumpyElement>(&self) -> PyResult<Read3<'py, T>> {
        self.neighbor_rows.extract()
    }

    fn view<'a, T: NumpyElement + Element>(
        &'a self,
        contents: &'a Read3<'py, T>,
        filled: usize,
    ) -> PyResult<TableView<'a, T>> {
        Ok(TableView {
            n_neighbors: contents.shape()[1],
            n_features: contents.shape()[2],
            filled,
            squared_distances: values("squared_distances", &self.squared_distances)?,
            ids: values("row_ids", &self.row_ids)?,
            rows: values("neighbor_rows", contents)?,
        })
    }

    /// Operations that copying the slots costs.
    fn work(&self) -> f64 {
        let slots = self.row_ids.len() as f64;
        let shape = self.neighbor_rows.getattr("size").and_then(|size| size.extract::<usize>());
        (slots + shape.unwrap_or(0) as f64) * WORK_OF_A_SLOT
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
#[pyo3(signature = (anomalies, state, filled, array, ids, n_threads, mixed=None))]
#[expect(clippy::too_many_arguments, reason = "those of the function in Python")]
pub fn update<'py>(
    py: Python<'py>,
    anomalies: &Matrix<'py>,
    state: StateIn<'py>,
    filled: usize,
    array: &Matrix<'py>,
    ids: &Bound<'py, PyAny>,
    n_threads: Option<usize>,
    mixed: Option<MixedIn<'py>>,
) -> PyResult<State<'py>> {
    let mixed = mixed.map(|mixed| mixed.checked()).transpose()?;
    by_dtype!(anomalies, |anomalies: Read2<T>| {
        let array: Read2<'_, T> = array.extract()?;
        let (anomalies, array) = (rows::<T>("anomalies", &anomalies)?, rows::<T>("array", &array)?);
        let contents = state.contents::<T>()?;
        let table = state.view(&contents, filled)?;
        let is_array = ids.cast::<PyUntypedArray>().is_ok_and(|ids| ids.ndim() > 0);
        let given: Option<Read1<'_, i64>> = is_array.then(|| ids.extract()).transpose()?;
        let ids = match &given {
            Some(ids) => RowIds::Given(values("ids", ids)?),
            None => RowIds::From(ids.extract()?),
        };
        let work = anomalies.len() as f64 * array.values().len() as f64 + state.work();
        let table = run(py, n_threads, work, |pool, cancel| {
            table.updated(anomalies, array, ids, mixed.as_ref(), pool, cancel)
        })?;
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
    n_threads: Option<usize>,
) -> PyResult<State<'py>> {
    let n_anomalies = state.row_ids.shape()[0];
    by_dtype!(&state.neighbor_rows, |_contents: Read3<T>| {
        let (contents, other_contents) = (state.contents::<T>()?, other.contents::<T>()?);
        let (table, other) = (state.view(&contents, filled)?, other.view(&other_contents, other_filled)?);
        let merged = run(py, n_threads, state.work(), |pool, cancel| table.merged(&other, pool, cancel))?;
        State::new(py, n_anomalies, merged)
    })
}
