use std::{collections::BTreeMap, path::PathBuf};

use super::*;
use crate::results::Line;

/// A folder that is gone afterwards.
struct Folder(PathBuf);

impl Folder {
	fn new(name: &str) -> Self {
		let name = format!("openledger-report-{name}-{}", std::process::id());
		let path = std::env::temp_dir().join(name);
		fs::create_dir_all(&path).unwrap();
		Self(path)
	}
}

impl Drop for Folder {
	fn drop(&mut self) {
		let _ = fs::remove_dir_all(&self.0);
	}
}

fn score(method: &str, paid: bool, values: &[f64]) -> Score {
	Score::new(method, paid, values.to_vec()).unwrap()
}

fn measure(goal: Option<Goal>, scores: Vec<Score>) -> Measure {
	Measure {
		name: "LDS by contributor".into(),
		goal,
		scores,
		note: Some("A note.".into()),
	}
}

fn part(measures: Vec<Measure>) -> Part {
	Part {
		title: "Influence of training data".into(),
		setting: "How it was measured.".into(),
		seeds: vec![1, 2, 3],
		measures,
		curves: vec![Curve {
			title: "LDS, by damping".into(),
			x: "damping".into(),
			log_x: true,
			y: "LDS".into(),
			goal: Some(0.75),
			lines: vec![Line {
				name: "exact inverse".into(),
				points: vec![(0.1, 0.7), (1.0, 0.8)],
			}],
		}],
	}
}

/// What is in a folder, by name.
fn files(folder: &Path, ending: &str) -> BTreeMap<String, Vec<u8>> {
	fs::read_dir(folder)
		.unwrap()
		.map(|entry| entry.unwrap().path())
		.filter(|path| path.to_string_lossy().ends_with(ending))
		.map(|path| {
			let name = path.file_name().unwrap().to_string_lossy().into_owned();
			(name, fs::read(&path).unwrap())
		})
		.collect()
}

#[test]
fn the_committed_pages_are_what_the_committed_results_give() {
	let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
	for page in PAGES {
		let committed = page.results(&docs);
		let folder = Folder::new(page.name);
		let fresh = page.results(&folder.0);
		fs::create_dir_all(&fresh).unwrap();
		for (name, bytes) in files(&committed, ".json") {
			fs::write(fresh.join(name), bytes).unwrap();
		}
		page.write(&folder.0).unwrap();
		assert!(
			fs::read(fresh.with_extension("md")).unwrap()
				== fs::read(committed.with_extension("md")).unwrap(),
			"docs/{}.md is not what its results give: openledger-evaluate report",
			page.name
		);
		let (fresh, kept) = (files(&fresh, ".svg"), files(&committed, ".svg"));
		assert_eq!(
			fresh.keys().collect::<Vec<_>>(),
			kept.keys().collect::<Vec<_>>()
		);
		for (name, bytes) in fresh {
			assert!(bytes == kept[&name], "{name} is not what its results give");
		}
	}
}

#[test]
fn committed_results_are_of_known_parts_and_their_means_are_right() {
	let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
	let of_page = |page: &'static Page| {
		let committed = page.results(&docs);
		let names = files(&committed, ".json").into_keys();
		names.map(move |name| (page, committed.clone(), name))
	};
	for (page, committed, name) in PAGES.into_iter().flat_map(of_page) {
		let name = name.trim_end_matches(".json");
		assert!(page.parts.iter().any(|(part, _)| *part == name), "{name}");
		let part = Part::read(&committed, name).unwrap().unwrap();
		for measure in &part.measures {
			for kept in &measure.scores {
				let fresh = Score::new(&kept.method, kept.paid, kept.values.clone()).unwrap();
				let near =
					|left: f64, right: f64| (left - right).abs() <= 1e-9 * left.abs().max(1.0);
				assert_eq!(
					kept.values.len(),
					part.seeds.len(),
					"{name}: {}",
					measure.name
				);
				assert!(near(kept.mean, fresh.mean), "{name}: {}", measure.name);
				assert!(near(kept.low, fresh.low) && near(kept.high, fresh.high));
			}
		}
	}
}

#[test]
fn a_verdict_is_by_the_mean_and_names_the_interval() {
	let goal = Goal::AtLeast(0.75);
	let of = |values: &[f64]| verdict(goal, &score("exact", true, values), &[]);
	assert_eq!(of(&[0.76, 0.76]), "yes, with the whole interval");
	assert_eq!(of(&[0.70, 0.82]), "yes, the interval reaches beyond");
	assert_eq!(of(&[0.60, 0.82]), "**no**");
	let most = Goal::AtMost(1.0);
	let of = |values: &[f64]| verdict(most, &score("exact", true, values), &[]);
	assert_eq!(of(&[0.9, 1.0]), "yes, with the whole interval");
	assert_eq!(of(&[0.8, 1.1]), "yes, the interval reaches beyond");
	assert_eq!(of(&[1.0, 1.1]), "**no**");
}

#[test]
fn a_goal_that_another_method_meets_is_not_met() {
	let scores = [
		score("exact", true, &[0.5]),
		score("DataInf", false, &[0.9]),
		score("random", false, &[0.1]),
	];
	let text = verdict(Goal::AtLeast(0.75), &scores[0], &scores);
	assert_eq!(text, "**no**; met by DataInf 0.900");
}

#[test]
fn the_table_has_a_row_for_each_goal() {
	let scores = || {
		vec![
			score("exact", true, &[0.8, 0.8]),
			score("random", false, &[0.0, 0.1]),
		]
	};
	let with_goal = measure(Some(Goal::AtLeast(0.75)), scores());
	let without = Measure {
		name: "beside".into(),
		..measure(None, scores())
	};
	let parts = vec![
		(QUALITY.parts[0], Some(part(vec![with_goal, without]))),
		(QUALITY.parts[4], None),
	];
	let text = summary(&parts);
	let rows: Vec<&str> = text
		.lines()
		.filter(|line| line.starts_with("| ["))
		.collect();
	assert_eq!(
		rows,
		["| [LDS by contributor](#influence-of-training-data) | ≥ 0.75 | exact | 0.800 [0.800, 0.800] | yes, with the \
		  whole interval |"]
	);
	assert!(text.ends_with("Not measured: Verbatim spans.\n"));
}

#[test]
fn missing_parts_are_named_and_plots_of_old_names_removed() {
	let folder = Folder::new("missing");
	let results = QUALITY.results(&folder.0);
	let measures = vec![measure(None, vec![score("exact", true, &[0.8])])];
	part(measures).write(&results, "influence").unwrap();
	fs::write(results.join("influence-old.svg"), "").unwrap();
	fs::write(results.join("other.svg"), "").unwrap();
	QUALITY.write(&folder.0).unwrap();
	let text = fs::read_to_string(results.with_extension("md")).unwrap();
	assert!(text.contains("## Citations\n\nNot measured. `openledger-evaluate citations` does it."));
	assert!(text.contains("| **exact** | **0.800 [0.800, 0.800]** |"));
	let plots = files(&results, ".svg");
	assert_eq!(
		plots.keys().map(String::as_str).collect::<Vec<_>>(),
		[
			"influence-curve-lds-by-damping.svg",
			"influence-lds-by-contributor.svg",
			"other.svg"
		]
	);
	let plot = String::from_utf8_lossy(&plots["influence-lds-by-contributor.svg"]);
	assert!(plot.contains("exact") && plot.contains("0.800"));
}

#[test]
fn nothing_measured_and_two_plots_of_one_name_are_refused() {
	let folder = Folder::new("refused");
	let results = QUALITY.results(&folder.0);
	assert!(QUALITY.write(&folder.0).is_err());
	let twice = || measure(None, vec![score("exact", true, &[0.8])]);
	part(vec![twice(), twice()])
		.write(&results, "spans")
		.unwrap();
	assert!(QUALITY.write(&folder.0).is_err());
}

#[test]
fn curves_that_cannot_be_drawn_are_refused() {
	let folder = Folder::new("curves");
	let mut part = part(Vec::new());
	part.curves[0].lines[0].points[0].0 = 0.0;
	part.write(&QUALITY.results(&folder.0), "texts").unwrap();
	assert!(QUALITY.write(&folder.0).is_err());
}

#[test]
fn seeds_are_short_where_they_follow() {
	assert_eq!(seeds(&[1, 2, 3]), "Seeds: 1 to 3.");
	assert_eq!(seeds(&[1, 2]), "Seeds: 1, 2.");
	assert_eq!(seeds(&[1, 2, 4]), "Seeds: 1, 2, 4.");
}

#[test]
fn a_heading_is_linked_as_github_does() {
	assert_eq!(
		anchor("What manipulation gains, in pay"),
		"what-manipulation-gains-in-pay"
	);
}
