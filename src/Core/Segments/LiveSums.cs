using Auie.Core.Clustering;
using Auie.Core.Features;

namespace Auie.Core.Segments;

/// <summary>
/// How many users are in each segment, how many in none, and the sums from which the segments' means are made. Everything is added in fixed point and taken out by the
/// same amount, so that the same users give the same bits whatever happened before. Where a feature is the time since an instant, the instants are summed and not
/// the times: the mean moves on with the as-of, and nobody has to be looked at.
/// </summary>
public sealed class LiveSums
{
    /// <summary>Beyond this a value counts as this much; 2^29 such sums fit into 128 bits.</summary>
    private const double Largest = 1e27;

    /// <summary>Bits of a second, or of a year.</summary>
    private const int TimeBits = 22;

    /// <summary>Bits of a feature's standard deviation.</summary>
    private const int DeviationBits = 32;

    private readonly SegmentModel _model;
    private readonly double[] _factors;
    private readonly long[] _sizes;
    private readonly long[] _moving;
    private readonly Int128[] _sums;

    public LiveSums(SegmentModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        var values = model.Segments.Length * model.Features.Count;
        (_sizes, _moving, _sums) = (new long[model.Segments.Length], new long[values], new Int128[values]);
        _factors = [.. model.Features.Features.Select((feature, column) => Math.ScaleB(1, feature.DependsOnTime
            ? TimeBits
            : DeviationBits - Math.Clamp(FixedPoint.Exponent(model.Scale.Deviation[column]), -400, 400)))];
    }

    /// <summary>Sums that were made elsewhere.</summary>
    /// <exception cref="ArgumentException">They are not of this model.</exception>
    public LiveSums(SegmentModel model, long without, ReadOnlySpan<long> sizes, ReadOnlySpan<long> moving, ExactSums sums) : this(model)
    {
        if (sizes.Length != _sizes.Length || moving.Length != _moving.Length || sums.Count != _sums.Length)
            throw new ArgumentException("Sums of segments are not of this model.", nameof(sizes));
        Without = without;
        sizes.CopyTo(_sizes);
        moving.CopyTo(_moving);
        for (var i = 0; i < _sums.Length; i++)
            _sums[i] = sums[i];
    }

    /// <summary>How many users have no row by the model's features, and so no segment.</summary>
    public long Without { get; private set; }

    public ReadOnlySpan<long> Sizes => _sizes;

    /// <summary>For each segment and feature, how many members have a value that grows with time.</summary>
    public ReadOnlySpan<long> Moving => _moving;

    /// <summary>For each segment and feature the sum, in the feature's fixed point: values that do not move, less the instants of those that do.</summary>
    public ExactSums Sums => ExactSums.Of(_sums);

    /// <summary>Adds those of other users, of the same model and as of the same instant.</summary>
    public void Merge(LiveSums others)
    {
        Without += others.Without;
        for (var i = 0; i < _sizes.Length; i++)
            _sizes[i] += others._sizes[i];
        for (var i = 0; i < _sums.Length; i++)
        {
            _moving[i] += others._moving[i];
            _sums[i] += others._sums[i];
        }
    }

    /// <summary>The means of a segment's members as people read them (<see cref="Feature.InUnit"/>); null where there are none.</summary>
    /// <param name="asOf">The instant that the sums are as of.</param>
    public double[]? Means(int segment, DateTimeOffset asOf)
    {
        if (_sizes[segment] == 0)
            return null;
        var means = new double[_model.Features.Count];
        for (var c = 0; c < means.Length; c++)
        {
            var (feature, at) = (_model.Features.Features[c], segment * means.Length + c);
            var sum = _sums[at] + _moving[at] * (feature.DependsOnTime ? Fixed(feature.Clock(asOf), c) : 0);
            means[c] = feature.InUnit((double)sum / _sizes[segment] / _factors[c] / feature.ClockPerUnit);
        }

        return means;
    }

    internal void Add(int segment, ReadOnlySpan<double> sources, DateTimeOffset asOf) => Change(segment, sources, asOf, 1);

    /// <summary>Takes out who was added with the same sources, as of an instant at which the same of their values moved.</summary>
    internal void Take(int segment, ReadOnlySpan<double> sources, DateTimeOffset asOf) => Change(segment, sources, asOf, -1);

    private void Change(int segment, ReadOnlySpan<double> sources, DateTimeOffset asOf, int by)
    {
        if (segment == LiveSegments.None)
        {
            Without += by;
            return;
        }

        _sizes[segment] += by;
        for (var c = 0; c < sources.Length; c++)
        {
            var (feature, at) = (_model.Features.Features[c], segment * sources.Length + c);
            if (feature.DependsOnTime && !double.IsNaN(sources[c]))
            {
                // Seen from before its instant a value is 0, and stays 0 until then.
                if (!feature.HasBegun(sources[c], asOf))
                    continue;
                _moving[at] += by;
                _sums[at] -= by * Fixed(sources[c], c);
                continue;
            }

            var value = feature.Evaluate(sources[c], asOf);
            value = double.IsNaN(value) ? feature.Substitute : value;
            value = double.IsNaN(value) ? _model.Scale.Fill[c] : value;
            _sums[at] += by * Fixed(value * feature.ClockPerUnit, c);
        }
    }

    private Int128 Fixed(double value, int column) => (Int128)Math.Clamp(Math.Round(value * _factors[column]), -Largest, Largest);
}
