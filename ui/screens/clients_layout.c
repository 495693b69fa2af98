/* SPDX-License-Identifier: MIT */
/*
 * Which columns of the list of clients there is room for.
 */
#include <string.h>

#include "ui/screens/clients_columns.h"

enum { BETWEEN = 1, CLIENT_WIDE = 40, CLIENT_WIDEST = 64, TIMELINE_FAIR = 24, TIMELINE_ENOUGH = 60, MATTERS = 60 };

static void list_add(ColumnList *list, ClientColumn column)
{
	if (column != COLUMN_N && memchr(list->columns, (int)column, list->n) == NULL)
		list->columns[list->n++] = (uint8_t)column;
}

ColumnList column_list(const char *names)
{
	ColumnList list = {0};
	g_auto(GStrv) words = g_strsplit_set(names == NULL ? "" : names, " ,\t", -1);
	for (char **word = words; *word != NULL; word++)
		list_add(&list, column_by_name(*word));
	if (list.n > 0)
		return list;
	for (unsigned i = 0; i < COLUMN_N; i++)
		if (column_info((ClientColumn)i)->shown)
			list_add(&list, (ClientColumn)i);
	return list;
}

char *column_list_names(const ColumnList *list)
{
	GString *names = g_string_new(NULL);
	for (unsigned i = 0; i < list->n; i++)
		g_string_append_printf(names, "%s%s", i > 0 ? " " : "",
		                       column_info((ClientColumn)list->columns[i])->name);
	return g_string_free(names, FALSE);
}

static void remove_at(ColumnLayout *layout, unsigned at)
{
	layout->n--;
	memmove(layout->columns + at, layout->columns + at + 1, layout->n - at);
}

/* An address without its port is another's: it is whole, or not there.  Where no cause is long, none needs room. */
static int least_of(ClientColumn column, const int *natural)
{
	const ColumnInfo *info = column_info(column);
	if (column == COLUMN_CAUSE)
		return MIN(natural[column], info->least);
	return column == COLUMN_BROKER ? CLAMP(natural[column], info->least, info->preferred) : info->least;
}

static int least_width(const ColumnLayout *layout, const int *natural)
{
	int width = 0;
	for (unsigned i = 0; i < layout->n; i++)
		width += least_of((ClientColumn)layout->columns[i], natural) + (i > 0 ? BETWEEN : 0);
	return width;
}

/* The least, but as much as they like for those that matter. */
static int wanted_width(const ColumnLayout *layout, const int *natural)
{
	int width = least_width(layout, natural);
	for (unsigned i = 0; i < layout->n; i++) {
		ClientColumn column = (ClientColumn)layout->columns[i];
		const ColumnInfo *info = column_info(column);
		if (info->priority >= MATTERS && column != COLUMN_TIMELINE)
			width += MAX(MIN(info->preferred, natural[column]) - info->least, 0);
	}
	return width;
}

static unsigned lowest_of(const ColumnLayout *layout)
{
	unsigned lowest = 0;
	for (unsigned i = 1; i < layout->n; i++)
		if (column_info((ClientColumn)layout->columns[i])->priority <
		    column_info((ClientColumn)layout->columns[lowest])->priority)
			lowest = i;
	return lowest;
}

/* One stays, however narrow it is. */
static void drop_what_does_not_fit(ColumnLayout *layout, int columns, const int *natural)
{
	while (layout->n > 1) {
		unsigned lowest = lowest_of(layout);
		bool matters = column_info((ClientColumn)layout->columns[lowest])->priority >= MATTERS;
		if ((matters ? least_width(layout, natural) : wanted_width(layout, natural)) <= columns)
			return;
		remove_at(layout, lowest);
	}
}

/* A cut word of state says less than its sign alone. */
static void grow(ColumnLayout *layout, unsigned at, int most, int *left)
{
	int more = most - layout->width[at];
	if (layout->columns[at] != COLUMN_STATE)
		more = MIN(more, *left);
	if (more <= 0 || more > *left)
		return;
	layout->width[at] += more;
	*left -= more;
}

static void grow_one(ColumnLayout *layout, ClientColumn column, int most, int *left)
{
	for (unsigned i = 0; i < layout->n; i++)
		if (layout->columns[i] == column)
			grow(layout, i, most, left);
}

/* The most important ones first; what is left is for long names and causes once the timeline has its share, and
 * for the timeline. */
static void share_out(ColumnLayout *layout, const int *natural, int left)
{
	for (int priority = 120; priority > 0; priority--)
		for (unsigned i = 0; i < layout->n; i++) {
			const ColumnInfo *info = column_info((ClientColumn)layout->columns[i]);
			if (info->priority == priority)
				grow(layout, i, MIN(info->preferred, natural[layout->columns[i]]), &left);
		}
	grow_one(layout, COLUMN_TIMELINE, TIMELINE_FAIR, &left);
	grow_one(layout, COLUMN_CLIENT, MIN(natural[COLUMN_CLIENT], CLIENT_WIDE), &left);
	grow_one(layout, COLUMN_CAUSE, natural[COLUMN_CAUSE], &left);
	grow_one(layout, COLUMN_TIMELINE, TIMELINE_ENOUGH, &left);
	grow_one(layout, COLUMN_CLIENT, MIN(natural[COLUMN_CLIENT], CLIENT_WIDEST), &left);
	grow_one(layout, COLUMN_TIMELINE, INT_MAX / 2, &left);
}

ColumnLayout column_layout(const ColumnList *list, int columns, const int *natural)
{
	ColumnLayout layout = {0};
	for (unsigned i = 0; i < list->n; i++)
		layout.columns[layout.n++] = list->columns[i];
	drop_what_does_not_fit(&layout, columns, natural);
	int left = columns - least_width(&layout, natural), x = 0;
	for (unsigned i = 0; i < layout.n; i++)
		layout.width[i] = least_of((ClientColumn)layout.columns[i], natural);
	if (layout.n == 1)
		layout.width[0] = MIN(layout.width[0], MAX(columns, 0));
	share_out(&layout, natural, MAX(left, 0));
	for (unsigned i = 0; i < layout.n; i++) {
		layout.x[i] = x;
		x += layout.width[i] + BETWEEN;
	}
	return layout;
}
