//! Pictures of figures as SVG, each with the same figures as a table behind it.

use super::model::Column;
use leptos::prelude::*;
use shared::activity::Bar;

/// Width of a picture in its own units; it is drawn as wide as there is room.
const WIDTH: u32 = 400;
const BAR: u32 = 14;
const ROW: u32 = 44;
const HEIGHT: u32 = 160;

/// One part of the page: a heading, a picture, its table.
fn part(title: &'static str, said: String, picture: AnyView, table: AnyView) -> AnyView {
    view! {
        <section class="figure card">
            <h2 class="nhsuk-heading-m">{title}</h2>
            {(!said.is_empty()).then(|| view! { <p>{said}</p> })}
            {picture}
            <details class="nhsuk-details">
                <summary class="nhsuk-details__summary">
                    <span class="nhsuk-details__summary-text">
                        "As a table" <span class="nhsuk-u-visually-hidden">{format!(": {title}")}</span>
                    </span>
                </summary>
                <div class="nhsuk-details__text">{table}</div>
            </details>
        </section>
    }
    .into_any()
}

/// Bars, a name and a count each.
pub fn bars(title: &'static str, said: String, bars: &[Bar]) -> AnyView {
    if bars.is_empty() {
        let said = if said.is_empty() { "None on these days.".to_owned() } else { said };
        return view! {
            <section class="figure card">
                <h2 class="nhsuk-heading-m">{title}</h2>
                <p>{said}</p>
            </section>
        }
        .into_any();
    }
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(1).max(1);
    let height = ROW * u32::try_from(bars.len()).unwrap_or(0);
    let drawn = bars.iter().zip(0_u32..).map(|(bar, place)| {
        let top = place * ROW;
        let long = u64::from(bar.count) * u64::from(WIDTH) / u64::from(most);
        view! {
            <text class="figure__name" x="0" y=top + 15>
                {bar.name.clone()}
            </text>
            <text class="figure__count" x=WIDTH y=top + 15 text-anchor="end">
                {bar.count}
            </text>
            <rect class="figure__bar figure__bar--0" x="0" y=top + 22 width=long.max(1).to_string() height=BAR/>
        }
    });
    let picture = view! {
        <svg class="figure__picture" viewBox=format!("0 0 {WIDTH} {height}") role="img" aria-label=format!("{title}, as bars")>
            {drawn.collect_view()}
        </svg>
    }
    .into_any();
    let rows = bars.iter().map(|bar| {
        view! {
            <tr>
                <th scope="row">{bar.name.clone()}</th>
                <td>{bar.count}</td>
            </tr>
        }
    });
    let table = view! {
        <table class="figure__table">
            <thead>
                <tr>
                    <th scope="col">"What"</th>
                    <th scope="col">"How many"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any();
    part(title, said, picture, table)
}

/// Columns by day, week or month, the services on top of each other.
pub fn days(title: &'static str, services: &[String], columns: &[Column]) -> AnyView {
    let sum = |column: &Column| column.counts.iter().sum::<u32>();
    let most = columns.iter().map(sum).max().unwrap_or(0).max(1);
    let many = u32::try_from(columns.len()).unwrap_or(1).max(1);
    let wide = f64::from(WIDTH) / f64::from(many);
    let drawn = columns.iter().zip(0_u32..).map(|(column, place)| {
        let mut bottom = f64::from(HEIGHT);
        let parts = column.counts.iter().enumerate().map(|(service, count)| {
            let high = f64::from(*count) * f64::from(HEIGHT) / f64::from(most);
            bottom -= high;
            view! {
                <rect
                    class=format!("figure__bar figure__bar--{}", service % 4)
                    x=format!("{:.2}", f64::from(place) * wide + wide * 0.1)
                    y=format!("{bottom:.2}")
                    width=format!("{:.2}", wide * 0.8)
                    height=format!("{high:.2}")
                />
            }
        });
        parts.collect_view()
    });
    let ends = columns.first().zip(columns.last()).map(|(first, last)| {
        view! {
            <text class="figure__name" x="0" y=HEIGHT + 20>
                {first.name.clone()}
            </text>
            <text class="figure__name" x=WIDTH y=HEIGHT + 20 text-anchor="end">
                {last.name.clone()}
            </text>
        }
    });
    let picture = view! {
        <ul class="figure__legend">
            {services
                .iter()
                .enumerate()
                .map(|(place, name)| {
                    view! {
                        <li>
                            <span class=format!("figure__key figure__bar--{}", place % 4) aria-hidden="true"></span>
                            {name.clone()}
                        </li>
                    }
                })
                .collect_view()}
        </ul>
        <svg class="figure__picture" viewBox=format!("0 0 {WIDTH} {}", HEIGHT + 26) role="img" aria-label=format!("{title}, as columns")>
            <line class="figure__line" x1="0" y1=HEIGHT x2=WIDTH y2=HEIGHT/>
            {drawn.collect_view()}
            {ends}
        </svg>
    }
    .into_any();
    let head = services.iter().map(|name| view! { <th scope="col">{name.clone()}</th> });
    let rows = columns.iter().filter(|column| sum(column) > 0).map(|column| {
        let cells = column.counts.iter().map(|count| view! { <td>{*count}</td> });
        view! {
            <tr>
                <th scope="row">{column.name.clone()}</th>
                {cells.collect_view()}
            </tr>
        }
    });
    let table = view! {
        <table class="figure__table">
            <thead>
                <tr>
                    <th scope="col">"From"</th>
                    {head.collect_view()}
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any();
    part(title, format!("The highest column is {most}."), picture, table)
}
