//! The functions Python sees, one for each kernel, in the order of the flow.

use nngmix_core::mix::Sources;
use nngmix_core::neighbors::{search, RowIds, Search, Table};
use nngmix_core::parallel::Pool;
use nngmix_core::plan::{Choices, Plan, PlanMut};
use nngmix_core::random::{self, Beta, Key, Purpose};
use nngmix_core::rows::Element;
use nngmix_core::Error;
use numpy::{
    Element as NumpyElement, IntoPyArray, PyArray1, PyArray2, PyArray3, PyArrayMethods, PyReadonlyArray1,
    PyReadonlyArray2, PyReadonlyArray3, PyReadwriteArray1, PyReadwriteArray2, PyUntypedArrayMethods,
};
use pyo3::prelude::*;

use crate::arrays::{by_dtype, rows, values, values_mut, Matrix};
use crate::run::{run, to_python};

/// Operations a value costs on its way through the noise and the mix.
pub const WORK_OF_A_VALUE: f64 = 20.0;
/// Operations a row's plan costs.
pub const WORK_OF_A_PLAN: f64 = 200.0;

/// Squared distances and positions, a row for each query.
type Found<'py> = (Bound<'py, PyArray2<f64>>, Bound<'py, PyArray2<i64>>);

/// Threads the system offers.
#[pyfunction]
pub fn available_threads() -> usize {
    Pool::available()
}

/// Row and column of the first value that is NaN or infinite.
#[pyfunction]
pub fn first_not_finite(py: Python<'_>, array: &Matrix<'_>) -> PyResult<Option<(usize, usize)>> {
    by_dtype!(array, |array: PyReadonlyArray2<T>| {
        let rows = rows::<T>("array", &array)?;
        Ok(match py.detach(|| rows.check_finite()) {
            Err(Error::NotFinite { row, column }) => Some((row, column)),
            _ => None,
        })
    })
}

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
        let request = Search {
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

/// Squared distances, ids and contents of a table, as Python keeps them.
type State<'py> = (Bound<'py, PyArray2<f64>>, Bound<'py, PyArray2<i64>>, Bound<'py, PyAny>);
type StateIn<'py> = (PyReadonlyArray2<'py, f64>, PyReadonlyArray2<'py, i64>, Bound<'py, PyAny>);

fn table_from<T: NumpyElement + Element>(state: &StateIn<'_>, filled: usize) -> PyResult<Table<T>> {
    let contents: PyReadonlyArray3<'_, T> = state.2.extract()?;
    Ok(Table {
        n_neighbors: contents.shape()[1],
        n_features: contents.shape()[2],
        filled,
        squared_distances: values("distances", &state.0)?.to_vec(),
        ids: values("ids", &state.1)?.to_vec(),
        rows: values("rows", &contents)?.to_vec(),
    })
}

fn table_into<T: NumpyElement + Element>(py: Python<'_>, n: usize, table: Table<T>) -> PyResult<State<'_>> {
    let (k, d) = (table.n_neighbors, table.n_features);
    let contents: Bound<'_, PyArray3<T>> = table.rows.into_pyarray(py).reshape([n, k, d])?;
    Ok((
        table.squared_distances.into_pyarray(py).reshape([n, k])?,
        table.ids.into_pyarray(py).reshape([n, k])?,
        contents.into_any(),
    ))
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
        let table = table_from::<T>(&state, filled)?;
        let given: Option<PyReadonlyArray1<'_, i64>> = ids.extract().ok();
        let ids = match &given {
            Some(ids) => RowIds::Given(values("ids", ids)?),
            None => RowIds::From(ids.extract()?),
        };
        let work = anomalies.len() as f64 * array.values().len() as f64;
        let table =
            run(py, n_threads, work, |pool, cancel| table.updated(anomalies, array, ids, pool, cancel))?;
        table_into(py, anomalies.len(), table)
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
    let n = state.1.shape()[0];
    by_dtype!(&state.2.clone(), |_contents: PyReadonlyArray3<T>| {
        let (table, other) = (table_from::<T>(&state, filled)?, table_from::<T>(&other, other_filled)?);
        let merged = py.detach(|| table.merged(&other)).map_err(to_python)?;
        table_into(py, n, merged)
    })
}

/// What a plan is drawn from: (n_anomalies, n_neighbors, n_neighbors_anomaly, unlabeled_fraction, alpha, beta).
type ChoicesIn = (usize, usize, usize, f64, f64, f64);

fn choices_from(choices: ChoicesIn) -> PyResult<Choices> {
    let (n_anomalies, n_neighbors, n_neighbors_anomaly, unlabeled_fraction, alpha, beta) = choices;
    let weight = Beta::new(alpha, beta).map_err(to_python)?;
    let purpose = Purpose::Plan;
    let choices =
        Choices { n_anomalies, n_neighbors, n_neighbors_anomaly, unlabeled_fraction, weight, purpose };
    choices.check().map_err(to_python)?;
    Ok(choices)
}

type PlanOut<'py> = (
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<bool>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<f64>>,
);

/// Anchor, pool, neighbour and lam of the rows from `start` on.
#[pyfunction]
pub fn plan<'py>(
    py: Python<'py>,
    key: [u32; 8],
    start: u64,
    n_samples: usize,
    choices: ChoicesIn,
    n_threads: Option<usize>,
) -> PyResult<PlanOut<'py>> {
    let choices = choices_from(choices)?;
    let work = n_samples as f64 * WORK_OF_A_PLAN;
    let (anchor, unlabeled, neighbor, lam) = run(py, n_threads, work, |pool, cancel| {
        let (mut anchor, mut neighbor) = (vec![0; n_samples], vec![0; n_samples]);
        let (mut unlabeled, mut lam) = (vec![false; n_samples], vec![0.0; n_samples]);
        let plan = PlanMut {
            anchor: &mut anchor,
            unlabeled: &mut unlabeled,
            neighbor: &mut neighbor,
            lam: &mut lam,
        };
        choices.draw_all(Key(key), start, plan, pool, cancel)?;
        Ok((anchor, unlabeled, neighbor, lam))
    })?;
    Ok((anchor.into_pyarray(py), unlabeled.into_pyarray(py), neighbor.into_pyarray(py), lam.into_pyarray(py)))
}

/// What rows are mixed from: (anomalies, neighbour contents, anomaly neighbours, noise_std).
type SourcesIn<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>, PyReadonlyArray2<'py, i64>, f64);

/// Borrows the arrays of `$input` as `$sources` for the rest of the block.
macro_rules! sources {
    ($sources:ident: $type:ident, $input:expr, $key:expr) => {
        let anomalies: PyReadonlyArray2<'_, $type> = $input.0.extract()?;
        let contents: PyReadonlyArray3<'_, $type> = $input.1.extract()?;
        let $sources = Sources {
            anomalies: rows::<$type>("anomalies", &anomalies)?,
            neighbor_rows: values("neighbour rows", &contents)?,
            slots: contents.shape()[1],
            anomaly_neighbors: values("anomaly neighbours", &$input.2)?,
            anomaly_slots: $input.2.shape()[1],
            noise_std: $input.3,
            key: Key($key),
        };
    };
}

/// Mixes the rows of a plan into `out`.
#[pyfunction]
pub fn mix<'py>(
    py: Python<'py>,
    out: &Matrix<'py>,
    sources: SourcesIn<'py>,
    key: [u32; 8],
    start: u64,
    plan: (
        PyReadonlyArray1<'py, i64>,
        PyReadonlyArray1<'py, bool>,
        PyReadonlyArray1<'py, i64>,
        PyReadonlyArray1<'py, f64>,
    ),
    n_threads: Option<usize>,
) -> PyResult<()> {
    by_dtype!(out, |out: PyReadwriteArray2<T>| {
        let mut out = out;
        sources!(sources: T, sources, key);
        let plan = Plan {
            anchor: values("anchor", &plan.0)?,
            unlabeled: values("unlabeled", &plan.1)?,
            neighbor: values("neighbor", &plan.2)?,
            lam: values("lam", &plan.3)?,
        };
        let out = values_mut("out", &mut out)?;
        let work = out.len() as f64 * WORK_OF_A_VALUE;
        run(py, n_threads, work, |pool, cancel| sources.execute(start, plan, out, pool, cancel))
    })
}

/// Draws and mixes the rows from `start` on straight into `out`.
#[pyfunction]
pub fn generate<'py>(
    py: Python<'py>,
    out: &Matrix<'py>,
    sources: SourcesIn<'py>,
    key: [u32; 8],
    start: u64,
    choices: ChoicesIn,
    n_threads: Option<usize>,
) -> PyResult<()> {
    let choices = choices_from(choices)?;
    by_dtype!(out, |out: PyReadwriteArray2<T>| {
        let mut out = out;
        sources!(sources: T, sources, key);
        let work = out.shape()[0] as f64 * (WORK_OF_A_PLAN + out.shape()[1] as f64 * WORK_OF_A_VALUE);
        let out = values_mut("out", &mut out)?;
        run(py, n_threads, work, |pool, cancel| sources.generate(&choices, start, out, pool, cancel))
    })
}

/// The normals from flat element `start` on.
#[pyfunction]
pub fn fill_normals(
    py: Python<'_>,
    key: [u32; 8],
    start: u64,
    mut out: PyReadwriteArray1<'_, f32>,
) -> PyResult<()> {
    let out = values_mut("out", &mut out)?;
    run(py, Some(1), out.len() as f64 * WORK_OF_A_VALUE, |_, _| {
        random::normals_from(Key(key), Purpose::Noise, start, out);
        Ok(())
    })
}
