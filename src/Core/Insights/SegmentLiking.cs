namespace Auie.Core.Insights;

/// <summary>
/// How much more than everybody others of a user's segment choose what has the categories and tags that a thing has, of what is shown to them together. It is learnt from those alone who come before the user in the
/// order of users: so no answer of the user's own is in it, and no two users learn from each other, which would make what both did count twice where effects are tested. The page's mean is taken off: a segment's mean liking is chance, and where segments are made of how much their users are interested it would stand for that.
/// </summary>
public static class SegmentLiking
{
    public const string Name = "liked_by_segment";

    private const string Definition = "how much more than everybody others of the user's segment choose what has its categories and tags, of what is shown to them together, less the mean of what is shown with it; learnt from users before them, never from the user's own answers";

    /// <summary>As many showings without any liking are added to what was learnt, so that of few little is made.</summary>
    private const double Prior = 20;

    /// <summary>The showings with it as a feature: of each, the mean over its marks, less that of its page; not known where the user is in no segment, and where the thing has none of the marks.</summary>
    /// <param name="segments">The segment of each user of the showings; below 0 for none.</param>
    public static Showings AddTo(Showings showings, IReadOnlyList<int> segments) =>
        showings with { Features = [.. showings.Features.Where(feature => feature.Name != Name), new ShownFeature(Name, Definition, Of(showings, segments))] };

    private static double[] Of(Showings showings, IReadOnlyList<int> segments)
    {
        var (liking, chosen, all, bySegment) = (new double[showings.Count], Chosen(showings), new Learnt(showings.Marks.Length), new Dictionary<int, Learnt>());
        for (var (first, end) = (0, 0); first < showings.Count; first = end)
        {
            while (end < showings.Count && showings.Users[end] == showings.Users[first]) end++;
            var segment = segments[showings.Users[first]];
            if (!bySegment.TryGetValue(segment, out var own)) bySegment.Add(segment, own = new Learnt(showings.Marks.Length));
            for (var i = first; i < end; i++)
            {
                liking[i] = segment < 0 ? double.NaN : MarksOf(i).Select(mark => own.Of(mark) - all.Of(mark)).DefaultIfEmpty(double.NaN).Average();
            }

            for (var i = first; i < end; i++)
            {
                foreach (var mark in MarksOf(i))
                {
                    own.Add(mark, chosen[i]);
                    all.Add(mark, chosen[i]);
                }
            }
        }

        return LessPage(showings.Pages, liking);

        IEnumerable<int> MarksOf(int showing) => Enumerable.Range(0, showings.Marks.Length).Where(mark => showings.Marks[mark].Values[showing] > 0);
    }

    /// <summary>Interest less that of the page: what differs between users is not what they choose by.</summary>
    private static double[] Chosen(Showings showings) => LessPage(showings.Pages, showings.Interested);

    private static double[] LessPage(int[] pages, double[] values)
    {
        // Rounding must not make differences on a page on which there are none.
        var means = pages.Zip(values).Where(one => !double.IsNaN(one.Second)).GroupBy(one => one.First, one => one.Second).ToDictionary(page => page.Key, page => page.All(value => value == page.First()) ? page.First() : page.Average());
        return [.. values.Zip(pages, (value, page) => double.IsNaN(value) ? value : value - means[page])];
    }

    private sealed class Learnt(int marks)
    {
        private readonly double[] _sums = new double[marks];
        private readonly int[] _counts = new int[marks];

        public double Of(int mark) => _sums[mark] / (_counts[mark] + Prior);

        public void Add(int mark, double chosen)
        {
            _sums[mark] += chosen;
            _counts[mark]++;
        }
    }
}
