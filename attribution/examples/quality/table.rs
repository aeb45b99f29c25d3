//! Means over the seeds, by rows and columns.

use openledger_attribution::evaluate::bootstrap;

/// Values of all seeds for each row and column, in the order in which they were added first.
#[derive(Default)]
pub(crate) struct Table {
	rows: Vec<String>,
	columns: Vec<String>,
	values: Vec<(usize, usize, f64)>,
}

fn place(names: &mut Vec<String>, name: &str) -> usize {
	names
		.iter()
		.position(|known| known == name)
		.unwrap_or_else(|| {
			names.push(name.to_owned());
			names.len() - 1
		})
}

impl Table {
	/// Adds one seed's value.
	pub(crate) fn add(&mut self, row: &str, column: &str, value: f64) {
		let row = place(&mut self.rows, row);
		let column = place(&mut self.columns, column);
		self.values.push((row, column, value));
	}

	/// Prints `mean [low, high]` for each row and column.
	pub(crate) fn print(&self, title: &str, seed: u64) {
		println!("\n{title}");
		let head = self.columns.iter().map(|name| format!("{name:>26}"));
		println!("{:<38}{}", "", head.collect::<String>());
		for (row, name) in self.rows.iter().enumerate() {
			let cells = (0..self.columns.len()).map(|column| self.cell(row, column, seed));
			println!("{name:<38}{}", cells.collect::<String>());
		}
	}

	fn cell(&self, row: usize, column: usize, seed: u64) -> String {
		let values: Vec<f64> = self
			.values
			.iter()
			.filter(|(r, c, _)| (*r, *c) == (row, column))
			.map(|(_, _, value)| *value)
			.collect();
		let text = bootstrap(&values, seed).map_or("–".to_owned(), |interval| {
			format!(
				"{:.3} [{:.3}, {:.3}]",
				interval.mean, interval.low, interval.high
			)
		});
		format!("{text:>26}")
	}
}
