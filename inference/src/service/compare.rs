//! Comparisons of adapters: they need no model, only the two files, which are fetched like inputs.

use std::time::{Duration, Instant};

use tokio::{task::spawn_blocking, time::timeout};

use super::{
	provide::{Supplier, INPUT},
	types::{CompareSpec, JobResult, LinkedFile},
};
use crate::{
	engine::Limit,
	error::{ErrorCode, Failure},
	similarity::similarity,
};

impl Supplier {
	/// Fetches the two adapters of a job and compares them. They are no more taken from the content store than
	/// inputs are, and not kept.
	pub(crate) async fn compare(self, spec: CompareSpec) {
		let Ok(_place) = self.comparisons.clone().acquire_owned().await else {
			return;
		};
		let both =
			async { tokio::try_join!(self.adapter(&spec.original), self.adapter(&spec.other)) };
		let (original, other) = match timeout(INPUT, both).await {
			Ok(Ok(files)) => files,
			Ok(Err(failure)) => return self.state.input_fetched(&spec.id, Err(failure)),
			Err(_) => {
				let why = format!("the adapters did not come in {INPUT:?}");
				let failure = Failure::new(ErrorCode::InputUnavailable, why);
				return self.state.input_fetched(&spec.id, Err(failure));
			}
		};
		self.state.begin(&spec.id);
		let start = Instant::now();
		let time = Duration::from_millis(spec.max_run_ms.into()).min(self.max_run);
		let limit = Limit::new(time, self.state.cancelled.clone());
		let outcome = spawn_blocking(move || similarity(&original, &other, &limit))
			.await
			.unwrap_or_else(|problem| Err(Failure::internal(problem)))
			.map(|similarity| JobResult::Compared { similarity });
		self.state.finish_job(&spec.id, outcome, start.elapsed());
	}

	async fn adapter(&self, file: &LinkedFile) -> Result<Vec<u8>, Failure> {
		self.fetcher
			.read(&file.locator, file.content, file.bytes.into())
			.await
			.map_err(|failure| Failure::new(ErrorCode::InputUnavailable, failure.message))
	}
}
