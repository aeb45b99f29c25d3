use super::*;
use proptest::prelude::*;

fn place(document: u32, offset: u32) -> Place {
	Place { document, offset }
}

fn of(documents: &[&[u32]], answer: &[u32]) -> Vec<Span> {
	Index::new(documents).unwrap().spans(answer, &Rules::ALL)
}

/// The maximal spans with all their places, by comparing everything with everything.
fn brute_force(documents: &[Vec<u32>], answer: &[u32]) -> Vec<(usize, usize, Vec<Place>)> {
	let places = |start: usize, end: usize| -> Vec<Place> {
		let span = &answer[start..end];
		documents
			.iter()
			.enumerate()
			.flat_map(|(document, tokens)| {
				tokens
					.windows(span.len())
					.enumerate()
					.filter(|(_, window)| *window == span)
					.map(move |(offset, _)| place(document as u32, offset as u32))
			})
			.collect()
	};
	let occurs = |start, end| !places(start, end).is_empty();
	let mut spans = Vec::new();
	for start in 0..answer.len() {
		for end in start + 1..=answer.len() {
			let longer = (start > 0 && occurs(start - 1, end))
				|| (end < answer.len() && occurs(start, end + 1));
			if occurs(start, end) && !longer {
				spans.push((start, end - start, places(start, end)));
			}
		}
	}
	spans
}

fn found(documents: &[Vec<u32>], answer: &[u32]) -> Vec<(usize, usize, Vec<Place>)> {
	let mut spans: Vec<_> = Index::new(documents)
		.unwrap()
		.spans(answer, &Rules::ALL)
		.into_iter()
		.map(|span| {
			assert_eq!(span.count, span.places.len());
			(span.start, span.tokens, span.places)
		})
		.collect();
	spans.sort_unstable();
	spans
}

#[test]
fn the_longest_spans_are_found_with_their_places() {
	let spans = of(&[&[5, 6, 7, 8], &[9, 6, 7], &[8, 5]], &[6, 7, 8, 1, 6, 7]);
	let found: Vec<_> = spans
		.iter()
		.map(|span| (span.start, span.tokens, span.places.clone()))
		.collect();
	assert_eq!(
		found,
		[
			(0, 3, vec![place(0, 1)]),
			(4, 2, vec![place(0, 1), place(1, 1)])
		]
	);
}

#[test]
fn spans_do_not_cross_documents() {
	let spans = of(&[&[1, 2], &[3, 4]], &[1, 2, 3, 4]);
	assert_eq!(spans.len(), 2);
	assert!(spans.iter().all(|span| span.tokens == 2));
}

#[test]
fn nothing_gives_nothing() {
	assert!(of(&[], &[1, 2]).is_empty());
	assert!(of(&[&[]], &[1]).is_empty());
	assert!(of(&[&[1]], &[]).is_empty());
	assert!(of(&[&[1]], &[2, 3]).is_empty());
	assert_eq!(Index::new::<Vec<u32>>(&[]).unwrap().tokens(), 0);
}

#[test]
fn extreme_tokens_are_tokens() {
	let spans = of(&[&[0, u32::MAX]], &[u32::MAX - 1, 0, u32::MAX]);
	assert_eq!((spans[0].start, spans[0].tokens), (1, 2));
}

#[test]
fn surprise_is_the_sum_over_the_tokens() {
	// 8 tokens; 1 occurs four times (1 bit), 2 twice (2 bits), 3 and 4 once (3 bits).
	let index = Index::new(&[vec![1, 1, 1, 1, 2, 2, 3, 4]]).unwrap();
	let spans = index.spans(&[1, 2, 9, 3, 4, 9, 1, 1], &Rules::ALL);
	let found: Vec<_> = spans
		.iter()
		.map(|span| (span.start, span.surprise / BIT, span.count))
		.collect();
	assert_eq!(found, [(3, 6, 1), (0, 3, 1), (6, 2, 3)]);
	assert_eq!(index.chance(4), 5 * BIT);
}

#[test]
fn the_rules_bound_what_is_returned() {
	let index = Index::new(&[vec![1, 1, 1, 1, 2, 2, 3, 4]]).unwrap();
	let answer = [1, 2, 9, 3, 4, 9, 1];
	let with = |min_surprise, max_spans, max_places| {
		index.spans(
			&answer,
			&Rules {
				min_surprise,
				max_spans,
				max_places,
			},
		)
	};
	assert_eq!(with(3 * BIT, 9, 9).len(), 2);
	assert_eq!(with(0, 1, 9)[0].start, 3);
	let last = &with(0, 9, 2)[2];
	assert_eq!((last.count, last.places.len()), (4, 2));
	assert!(with(0, 9, 0).iter().all(|span| span.places.is_empty()));
}

#[test]
fn equal_tokens_all_over_are_no_trouble() {
	let index = Index::new(&[vec![7; 200_000], vec![7; 3]]).unwrap();
	let spans = index.spans(
		&[7; 128],
		&Rules {
			max_places: 4,
			..Rules::ALL
		},
	);
	assert_eq!(spans.len(), 1);
	assert_eq!((spans[0].tokens, spans[0].count), (128, 200_000 - 127));
	assert_eq!(spans[0].surprise, 0);
	assert_eq!(spans[0].places.len(), 4);
}

#[test]
fn a_repeated_text_is_found_wherever_it_stands() {
	let period: Vec<u32> = (0..100).collect();
	let index = Index::new(&[period.repeat(500)]).unwrap();
	let spans = index.spans(&period.repeat(2), &Rules::ALL);
	assert_eq!((spans[0].tokens, spans[0].count), (200, 499));
}

#[test]
fn logarithms_are_rounded_down() {
	assert_eq!(log2(1), 0);
	assert_eq!(log2(1 << 63), 63 * BIT);
	assert_eq!(log2(u64::MAX), 64 * BIT - 1);
	for value in [3u64, 10, 12_345, 987_654_321] {
		let exact = (value as f64).log2() * BIT as f64;
		assert!((log2(value) as f64 - exact).abs() <= 1.0, "{value}");
	}
}

#[test]
fn documents_share_a_span() {
	let spans = of(&[&[1, 2, 1, 2], &[1, 2], &[3, 4]], &[1, 2, 9, 3]);
	let scores = document_scores(&spans);
	let pair = spans.iter().find(|span| span.tokens == 2).unwrap();
	assert_eq!(scores[&0], pair.surprise / 2);
	assert_eq!(scores[&0], scores[&1]);
	assert_eq!(scores[&2], 3 * BIT);
}

#[test]
fn the_index_is_small() {
	let documents: Vec<Vec<u32>> = (0u32..100)
		.map(|document| {
			(0u32..1_000)
				.map(|token| (document * 7_919 + token * token) % 5_003)
				.collect()
		})
		.collect();
	let index = Index::new(&documents).unwrap();
	assert!(index.bytes() <= index.tokens() * 7, "{}", index.bytes());
}

proptest! {
	#[test]
	fn as_by_brute_force(
		documents in prop::collection::vec(prop::collection::vec(0u32..3, 0..40), 0..6),
		answer in prop::collection::vec(0u32..4, 0..30)
	) {
		prop_assert_eq!(found(&documents, &answer), brute_force(&documents, &answer));
	}

	#[test]
	fn as_by_brute_force_where_the_answer_is_copied(
		documents in prop::collection::vec(prop::collection::vec(any::<u32>(), 5..40), 2..6),
		cuts in prop::collection::vec((any::<prop::sample::Index>(), 0usize..5, 1usize..12), 1..5)
	) {
		let answer: Vec<u32> = cuts
			.iter()
			.flat_map(|(document, from, tokens)| {
				documents[document.index(documents.len())]
					.iter()
					.skip(*from)
					.take(*tokens)
			})
			.copied()
			.collect();
		prop_assert_eq!(found(&documents, &answer), brute_force(&documents, &answer));
	}

	#[test]
	fn fewer_places_are_some_of_them(
		document in prop::collection::vec(0u32..3, 1..200),
		answer in prop::collection::vec(0u32..3, 1..10),
		max_places in 1usize..9
	) {
		let index = Index::new(&[document]).unwrap();
		let all = index.spans(&answer, &Rules::ALL);
		let some = index.spans(&answer, &Rules { max_places, ..Rules::ALL });
		for (all, some) in all.iter().zip(&some) {
			prop_assert_eq!(some.places.len(), all.count.min(max_places));
			prop_assert!(some.places.windows(2).all(|pair| pair[0] < pair[1]));
			prop_assert!(some.places.iter().all(|place| all.places.contains(place)));
		}
	}
}
