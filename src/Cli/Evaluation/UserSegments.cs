using Auie.Cli.Insights;
using Auie.Core.Clustering;
using Auie.Core.Ranking;

namespace Auie.Cli.Evaluation;

/// <summary>
/// The segments of those that events were shown to: K-means on birth year (where it is missing the median), number of friends, and the shares of showings answered with interest and with
/// the opposite. For telling how well users of each are served; they are of all answers, the judged ones too, and nothing is learnt from them.
/// </summary>
internal static class UserSegments
{
    private const int Fewest = 3, Most = 8, LeastUsers = 20;

    /// <summary>The name of each user's segment, group by group; empty where there are too few users to part.</summary>
    public static async Task<string[]> Of(ShownRows shown, long seed, CancellationToken cancellationToken)
    {
        var rows = shown.Rows;
        var (birthYear, friends) = (ColumnOf("birth_year"), ColumnOf("friends"));
        var values = new double[rows.Groups * ShownPersonas.Width];
        for (var group = 0; group < rows.Groups; group++)
        {
            var row = values.AsSpan(group * ShownPersonas.Width, ShownPersonas.Width);
            var of = rows.Values.AsSpan(rows.GroupStarts[group] * rows.Columns.Length, rows.Columns.Length);
            var answers = shown.Answers[group];
            (row[ShownPersonas.BirthYear], row[ShownPersonas.Friends]) = (of[birthYear], of[friends]);
            (row[ShownPersonas.Interested], row[ShownPersonas.NotInterested]) = ((double)answers.Interested / answers.Shown, (double)answers.NotInterested / answers.Shown);
        }

        if (rows.Groups < LeastUsers) return [];
        var options = new SweepOptions { KMin = Fewest, KMax = Most, Seed = unchecked((ulong)seed), AllowEmptyColumns = true };
        var (model, labels) = await ShownPersonas.Cluster("users", values, options, shown.Times.Max(), cancellationToken);
        return Array.ConvertAll(labels, label => model.Segments[label].Persona);

        int ColumnOf(string name) => Array.FindIndex(rows.Columns, column => column.Name == name);
    }
}
