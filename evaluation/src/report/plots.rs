//! Plots, in colours that the colour-blind tell apart (Okabe and Ito).

use std::path::Path;

use plotters::{
	prelude::*,
	style::text_anchor::{HPos, Pos, VPos},
};

use crate::{
	results::{Curve, Line, Measure, Score},
	Failure,
};

use super::{axis::Axis, figures::figure};

const PAID: RGBColor = RGBColor(0, 114, 178);
const OTHER: RGBColor = RGBColor(153, 153, 153);
const GOAL: RGBColor = RGBColor(213, 94, 0);
const INK: RGBColor = RGBColor(34, 34, 34);
const GRID: RGBColor = RGBColor(225, 225, 225);
const LINES: [RGBColor; 7] = [
	PAID,
	RGBColor(230, 159, 0),
	RGBColor(0, 158, 115),
	RGBColor(204, 121, 167),
	RGBColor(86, 180, 233),
	RGBColor(0, 0, 0),
	RGBColor(213, 94, 0),
];

/// Sizes in pixels.
const FONT: i32 = 16;
const TITLE: i32 = 19;
/// What a letter takes at most, on average.
const LETTER: i32 = 8;
const TOP: i32 = 66;
const BOTTOM: i32 = 58;
const ROW: i32 = 28;
const BARS: i32 = 440;
const CURVES: (i32, i32) = (460, 280);
/// Beside what is named to the left or to the right.
const GAP: i32 = 12;

/// Above so many times the goal, values are drawn by their logarithm.
const FAR: f64 = 20.0;

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

/// What went wrong while drawing.
fn failed(error: impl std::fmt::Display) -> Failure {
	error.to_string().into()
}

fn area(path: &Path, (width, height): (i32, i32)) -> Result<Area<'_>, Failure> {
	let area =
		SVGBackend::new(path, (width.unsigned_abs(), height.unsigned_abs())).into_drawing_area();
	area.fill(&WHITE).map_err(failed)?;
	Ok(area)
}

/// Where a text is held.
#[derive(Clone, Copy)]
struct Hold(HPos, VPos);

const LEFT: Hold = Hold(HPos::Left, VPos::Center);
const RIGHT: Hold = Hold(HPos::Right, VPos::Center);
const ABOVE: Hold = Hold(HPos::Center, VPos::Bottom);
const BELOW: Hold = Hold(HPos::Center, VPos::Top);

fn write(
	area: &Area,
	text: &str,
	at: (i32, i32),
	hold: Hold,
	colour: RGBColor,
) -> Result<(), Failure> {
	let style = ("sans-serif", FONT).into_font().color(&colour);
	let style = style.pos(Pos::new(hold.0, hold.1));
	area.draw(&Text::new(text.to_owned(), at, style))
		.map_err(failed)
}

fn title(area: &Area, text: &str) -> Result<(), Failure> {
	let style = ("sans-serif", TITLE)
		.into_font()
		.style(FontStyle::Bold)
		.color(&INK);
	area.draw(&Text::new(text.to_owned(), (GAP, GAP), style))
		.map_err(failed)
}

/// Beside an axis that goes upwards.
fn upwards(area: &Area, text: &str, at: (i32, i32)) -> Result<(), Failure> {
	let font = ("sans-serif", FONT)
		.into_font()
		.transform(FontTransform::Rotate270);
	let style = font.color(&INK).pos(Pos::new(HPos::Center, VPos::Top));
	area.draw(&Text::new(text.to_owned(), at, style))
		.map_err(failed)
}

fn stroke(
	area: &Area,
	points: Vec<(i32, i32)>,
	colour: RGBColor,
	width: u32,
) -> Result<(), Failure> {
	area.draw(&PathElement::new(points, colour.stroke_width(width)))
		.map_err(failed)
}

/// A line of dashes, along an axis.
fn dashes(area: &Area, (from, to): ((i32, i32), (i32, i32))) -> Result<(), Failure> {
	let step = ((to.0 - from.0).signum(), (to.1 - from.1).signum());
	let length = (to.0 - from.0).abs().max((to.1 - from.1).abs());
	let at = |along: i32| (from.0 + step.0 * along, from.1 + step.1 * along);
	for dash in (0..length).step_by(10) {
		let points = vec![at(dash), at((dash + 6).min(length))];
		stroke(area, points, GOAL, 2)?;
	}
	Ok(())
}

fn letters(text: &str) -> i32 {
	i32::try_from(text.chars().count()).unwrap_or(i32::MAX / LETTER)
}

/// What the longest of some texts takes.
fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> i32 {
	texts.map(letters).max().unwrap_or(0) * LETTER
}

/// What all values lie between, with some room.
fn range(values: impl Iterator<Item = f64> + Clone, room: f64) -> (f64, f64) {
	let low = values.clone().fold(f64::INFINITY, f64::min);
	let high = values.fold(f64::NEG_INFINITY, f64::max);
	let room = room * if high > low { high - low } else { 1.0 };
	(low - room, high + room)
}

fn is_far(measure: &Measure) -> bool {
	let Some(goal) = measure.goal.map(|goal| goal.value()) else {
		return false;
	};
	let scores = &measure.scores;
	goal > 0.0
		&& scores.iter().all(|score| score.low > 0.0)
		&& scores.iter().any(|score| score.high > FAR * goal)
}

/// The scale of a measure, which begins at zero unless values lie below it or far apart.
fn scale(measure: &Measure, ends: (i32, i32)) -> Axis {
	let ends_of = |score: &Score| [score.low, score.high];
	let goal = measure.goal.map(|goal| goal.value());
	let values = measure.scores.iter().flat_map(ends_of).chain(goal);
	if is_far(measure) {
		let (low, high) = range(values.map(f64::log10), 0.05);
		return Axis::new((10f64.powf(low), 10f64.powf(high)), true, ends);
	}
	let (low, high) = range(values.chain([0.0]), 0.0);
	let room = 0.04 * if high > low { high - low } else { 1.0 };
	let low = if low < 0.0 { low - room } else { 0.0 };
	Axis::new((low, high + room), false, ends)
}

/// A bar with its interval for each method, and the goal as a line.
pub(crate) fn bars(path: &Path, measure: &Measure) -> Result<(), Failure> {
	let names = measure.scores.iter().map(|score| score.method.as_str());
	let left = widest(names).max(100) + 2 * GAP;
	let values: Vec<String> = measure
		.scores
		.iter()
		.map(|score| figure(score.mean))
		.collect();
	let right = widest(values.iter().map(String::as_str)) + 2 * GAP;
	let rows = i32::try_from(measure.scores.len())?;
	let end = TOP + rows * ROW;
	let width = (left + BARS + right).max(letters(&measure.name) * (LETTER + 2) + 2 * GAP);
	let area = area(path, (width, end + BOTTOM))?;
	title(&area, &measure.name)?;
	let axis = scale(measure, (left, left + BARS));
	for (place, text) in axis.ticks() {
		stroke(&area, vec![(place, TOP), (place, end)], GRID, 1)?;
		write(&area, &text, (place, end + 6), BELOW, INK)?;
	}
	for (row, (score, value)) in measure.scores.iter().zip(&values).enumerate() {
		let middle = TOP + ROW / 2 + i32::try_from(row)? * ROW;
		bar(&area, &axis, score, middle, is_far(measure))?;
		write(&area, &score.method, (left - GAP, middle), RIGHT, INK)?;
		write(&area, value, (left + BARS + GAP, middle), LEFT, INK)?;
	}
	if let Some(goal) = measure.goal {
		let place = axis.place(goal.value());
		dashes(&area, ((place, TOP), (place, end)))?;
		let text = format!("goal {}", goal.text());
		write(&area, &text, (place, TOP - 6), ABOVE, GOAL)?;
	}
	let below = "mean over the seeds, with its 95 % interval";
	write(&area, below, (left + BARS / 2, end + 30), BELOW, INK)?;
	area.present().map_err(failed)
}

/// By the logarithm there is no zero that a bar could begin at: then a dot.
fn bar(area: &Area, axis: &Axis, score: &Score, middle: i32, dot: bool) -> Result<(), Failure> {
	let colour = if score.paid { PAID } else { OTHER };
	let place = axis.place(score.mean);
	if dot {
		area.draw(&Circle::new((place, middle), 6, colour.filled()))
	} else {
		let corners = [(axis.place(0.0), middle - 9), (place, middle + 9)];
		area.draw(&Rectangle::new(corners, colour.filled()))
	}
	.map_err(failed)?;
	let (low, high) = (axis.place(score.low), axis.place(score.high));
	stroke(area, vec![(low, middle), (high, middle)], INK, 1)?;
	for end in [low, high] {
		stroke(area, vec![(end, middle - 5), (end, middle + 5)], INK, 1)?;
	}
	Ok(())
}

/// Lines with their names beside them.
pub(crate) fn curve(path: &Path, curve: &Curve) -> Result<(), Failure> {
	let points = || curve.lines.iter().flat_map(|line| &line.points);
	let finite = |(x, y): &(f64, f64)| x.is_finite() && y.is_finite() && (!curve.log_x || *x > 0.0);
	if points().next().is_none() || !points().all(finite) {
		return Err(format!("{}: points that cannot be drawn", curve.title).into());
	}
	let (left, right) = (
		84,
		widest(curve.lines.iter().map(|line| line.name.as_str())) + 60,
	);
	let (end, bottom) = (left + CURVES.0, TOP + CURVES.1);
	let width = (end + right).max(letters(&curve.title) * (LETTER + 2) + 2 * GAP);
	let area = area(path, (width, bottom + BOTTOM))?;
	title(&area, &curve.title)?;

	let by_logarithm = |x: f64| if curve.log_x { x.log10() } else { x };
	let mut of_x = range(points().map(|(x, _)| by_logarithm(*x)), 0.03);
	if curve.log_x {
		of_x = (10f64.powf(of_x.0), 10f64.powf(of_x.1));
	}
	let across = Axis::new(of_x, curve.log_x, (left, end));
	let of_y = range(points().map(|(_, y)| *y).chain(curve.goal), 0.06);
	let up = Axis::new(of_y, false, (bottom, TOP));

	for (place, text) in across.ticks() {
		stroke(&area, vec![(place, TOP), (place, bottom)], GRID, 1)?;
		write(&area, &text, (place, bottom + 6), BELOW, INK)?;
	}
	for (place, text) in up.ticks() {
		stroke(&area, vec![(left, place), (end, place)], GRID, 1)?;
		write(&area, &text, (left - 8, place), RIGHT, INK)?;
	}
	write(
		&area,
		&curve.x,
		(left + CURVES.0 / 2, bottom + 30),
		BELOW,
		INK,
	)?;
	upwards(&area, &curve.y, (GAP, TOP + CURVES.1 / 2))?;
	if let Some(goal) = curve.goal {
		let place = up.place(goal);
		dashes(&area, ((left, place), (end, place)))?;
		let hold = Hold(HPos::Right, VPos::Bottom);
		write(&area, "goal", (end, TOP - 6), hold, GOAL)?;
		let from = end - 5 * LETTER;
		dashes(&area, ((from - 30, TOP - 13), (from - 4, TOP - 13)))?;
	}
	for (number, line) in curve.lines.iter().enumerate() {
		let place = |(x, y): &(f64, f64)| (across.place(*x), up.place(*y));
		drawn(&area, line.points.iter().map(place).collect(), number)?;
		let middle = TOP + 10 + i32::try_from(number)? * 24;
		named(&area, line, (end + GAP, middle), number)?;
	}
	area.present().map_err(failed)
}

/// A line, each with marks of its own.
fn drawn(area: &Area, points: Vec<(i32, i32)>, number: usize) -> Result<(), Failure> {
	let colour = LINES[number % LINES.len()];
	for point in &points {
		match number % 3 {
			0 => area.draw(&Circle::new(*point, 5, colour.filled())),
			1 => area.draw(&TriangleMarker::new(*point, 6, colour.filled())),
			_ => {
				let corners = [(point.0 - 4, point.1 - 4), (point.0 + 4, point.1 + 4)];
				area.draw(&Rectangle::new(corners, colour.filled()))
			}
		}
		.map_err(failed)?;
	}
	stroke(area, points, colour, 2)
}

fn named(area: &Area, line: &Line, (x, y): (i32, i32), number: usize) -> Result<(), Failure> {
	drawn(area, vec![(x, y), (x + 26, y)], number)?;
	write(area, &line.name, (x + 38, y), LEFT, INK)
}
