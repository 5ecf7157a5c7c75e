namespace Auie.Core.Segments;

/// <summary>
/// When time alone may move a row into another segment. Features that are times since an instant grow by a known speed, ages in years by a step at each new year, and all
/// else stands still; so by how much the row is nearer to its own centroid than to another (in squared distance) is linear in time, and the first moment at which that
/// may be used up is the answer. It is never too late: everything that rounding may do is taken off beforehand.
/// </summary>
public sealed class DueTime
{
    /// <summary>What one rounding to a float may change, relatively.</summary>
    private const double Rounding = 1.0 / (1 << 24);

    /// <summary>How exactly seconds are known of which doubles hold some billions.</summary>
    private const double SecondsKnown = 1e-6;

    private readonly SegmentModel _model;
    private readonly int[] _columns;
    private readonly double[] _units;

    public DueTime(SegmentModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _columns = [.. Enumerable.Range(0, model.Features.Count).Where(column => model.Features.Features[column].DependsOnTime)];
        _units = [.. Enumerable.Range(0, model.Features.Count).Select(model.Scale.Unit)];
    }

    /// <summary>
    /// The first instant after <paramref name="asOf"/> at which the row may have another label, or one of its values may begin to grow that has not yet; null where
    /// neither ever happens.
    /// </summary>
    /// <param name="sources">The row as it is held.</param>
    /// <param name="asOf">The instant that it was labelled at.</param>
    public DateTimeOffset? After(ReadOnlySpan<double> sources, DateTimeOffset asOf)
    {
        var label = _model.Label(sources, asOf, out var row);
        return After(sources, row, label, asOf);
    }

    /// <param name="row">The row standardised as of that instant.</param>
    /// <param name="label">Its label then.</param>
    internal DateTimeOffset? After(ReadOnlySpan<double> sources, ReadOnlySpan<float> row, int label, DateTimeOffset asOf)
    {
        if (_columns.Length == 0)
            return null;
        Span<double> speeds = stackalloc double[_columns.Length], steps = stackalloc double[_columns.Length];
        var begins = Movement(sources, asOf, speeds, steps);
        var leaves = Leaves(row, label, asOf, speeds, steps);
        return begins is null || leaves < begins ? leaves : begins;
    }

    /// <summary>How fast the row moves: by how much each second, and at each new year. Returns when a value that stands at 0 begins to grow, or null.</summary>
    private DateTimeOffset? Movement(ReadOnlySpan<double> sources, DateTimeOffset asOf, Span<double> speeds, Span<double> steps)
    {
        DateTimeOffset? begins = null;
        for (var i = 0; i < _columns.Length; i++)
        {
            var feature = _model.Features.Features[_columns[i]];
            var source = sources[_columns[i]];
            (speeds[i], steps[i]) = (0, 0);
            if (double.IsNaN(source))
                continue;
            if (!feature.HasBegun(source, asOf))
            {
                var at = feature.StepsAtNewYear ? NewYear(asOf, 1) : Later(asOf, source - feature.Clock(asOf) - 1e-3);
                begins = begins is null || at < begins ? at : begins;
            }
            else if (!_model.Scale.Constant[_columns[i]])
            {
                var perClock = 1 / (feature.ClockPerUnit * _model.Scale.Deviation[_columns[i]]);
                (feature.StepsAtNewYear ? steps : speeds)[i] = perClock;
            }
        }

        return begins;
    }

    private DateTimeOffset? Leaves(ReadOnlySpan<float> row, int label, DateTimeOffset asOf, ReadOnlySpan<double> speeds, ReadOnlySpan<double> steps)
    {
        var (speed, step) = (Norm(speeds), Norm(steps));
        var segments = _model.Segments.Length;
        if (segments == 1 || (speed == 0 && step == 0))
            return null;

        // So far the row may go before it is looked at anew; what a distance rounds by is bounded only up to there.
        var own = Math.Sqrt(SquaredDistance(row, label));
        var room = 1 + own;
        Span<double> ahead = stackalloc double[segments], each = stackalloc double[segments], atNewYear = stackalloc double[segments];
        for (var other = 0; other < segments; other++)
            Lead(row, label, other, own, room, speeds, steps, out ahead[other], out each[other], out atNewYear[other]);

        for (var years = 0; ; years++)
        {
            var from = years == 0 ? asOf : NewYear(asOf, years);
            if (from is not { } start)
                return null;
            var passed = (start - asOf).TotalSeconds;
            var seconds = speed == 0 ? double.PositiveInfinity : (room - years * step) / speed;
            if (seconds <= passed || years * step > room)
                return Later(asOf, passed, start);
            for (var other = 0; other < segments; other++)
            {
                if (other == label)
                    continue;
                var lead = ahead[other] + years * atNewYear[other];
                // Written so that no number at all counts as no lead.
                if (!(lead + each[other] * passed > 0))
                    return Later(asOf, passed, start);
                if (each[other] < 0)
                    seconds = Math.Min(seconds, lead / -each[other]);
            }

            if (step == 0 || NewYear(asOf, years + 1) is not { } next || seconds < (next - asOf).TotalSeconds)
                return Later(asOf, seconds);
        }
    }

    /// <summary>By how much the row is nearer to its own centroid than to another, less all rounding; and by how much that changes each second and at each new year.</summary>
    private void Lead(
        ReadOnlySpan<float> row, int label, int other, double own, double room, ReadOnlySpan<double> speeds, ReadOnlySpan<double> steps,
        out double ahead, out double each, out double atNewYear)
    {
        var mine = _model.Rounded(label);
        var theirs = _model.Rounded(other);
        var squared = SquaredDistance(row, other);
        var rounding = 2 * (row.Length + 4) * Rounding * (Square(Math.Sqrt(squared) + room) + Square(own + room)) + 1e-30;
        (each, atNewYear) = (0, 0);
        for (var i = 0; i < _columns.Length; i++)
        {
            if (speeds[i] == 0 && steps[i] == 0)
                continue;
            var column = _columns[i];
            var towards = 2 * ((double)mine[column] - theirs[column]);
            each += speeds[i] * towards;
            atNewYear += steps[i] * towards;
            rounding += Math.Abs(towards) * (_units[column] + 4 * Rounding * (Math.Abs(row[column]) + room) + speeds[i] * SecondsKnown);
        }

        ahead = squared - own * own - rounding;
    }

    private double SquaredDistance(ReadOnlySpan<float> row, int segment)
    {
        var sum = 0.0;
        var centroid = _model.Rounded(segment);
        for (var c = 0; c < row.Length; c++)
            sum += Square(row[c] - (double)centroid[c]);
        // Near where floats overflow, distances say nothing of labels.
        return sum < 1e36 ? sum : double.NaN;
    }

    private static double Norm(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values)
            sum += value * value;
        return Math.Sqrt(sum);
    }

    private static double Square(double value) => value * value;

    /// <summary>The beginning of a year in UTC, so many after that of an instant; null beyond the calendar.</summary>
    private static DateTimeOffset? NewYear(DateTimeOffset asOf, int years) =>
        asOf.UtcDateTime.Year + years is var year && year <= DateTime.MaxValue.Year ? new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero) : null;

    /// <summary>So many seconds later, at least a tick; null beyond the calendar.</summary>
    private static DateTimeOffset? Later(DateTimeOffset asOf, double seconds)
    {
        var ticks = Math.Max(1, Math.Floor(seconds * TimeSpan.TicksPerSecond));
        return ticks < DateTimeOffset.MaxValue.UtcTicks - asOf.UtcTicks ? asOf.AddTicks((long)ticks) : null;
    }

    private static DateTimeOffset? Later(DateTimeOffset asOf, double seconds, DateTimeOffset at) => seconds > 0 ? at : Later(asOf, 0);
}
