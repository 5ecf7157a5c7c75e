using Auie.Abstractions;
using Auie.Core.Segments;

namespace Auie.Grains;

/// <summary>Who is in which segment now: a pure function of the rows and a published model, kept for the version that was last asked for.</summary>
public sealed partial class FeatureShardGrain
{
    private Labelling? _labelling;

    public async Task<long[]> GetSizes(long version, CancellationToken cancellationToken)
    {
        var labelling = await LabelledAsync(version, cancellationToken);
        return [.. labelling.Sizes];
    }

    public async Task<string[]> GetMembers(long version, int segment, string? after, int count, CancellationToken cancellationToken)
    {
        var labelling = await LabelledAsync(version, cancellationToken);
        var byName = ByName();
        var members = new List<string>();
        for (var i = after is null ? 0 : FirstAfter(byName, after); i < byName.Count && members.Count < count; i++)
        {
            if (labelling.Labels[byName[i]] == segment)
                members.Add(_users[byName[i]]);
        }

        return [.. members];
    }

    /// <summary>Rows by their users' ids; made when a page is asked for, forgotten when a user is added.</summary>
    private List<int>? _byName;

    private List<int> ByName()
    {
        if (_byName is null)
        {
            _byName = [.. Enumerable.Range(0, _users.Count)];
            _byName.Sort((a, b) => string.CompareOrdinal(_users[a], _users[b]));
        }

        return _byName;
    }

    private int FirstAfter(List<int> byName, string after)
    {
        var (low, high) = (0, byName.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (string.CompareOrdinal(_users[byName[middle]], after) <= 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private async ValueTask<Labelling> LabelledAsync(long version, CancellationToken cancellationToken)
    {
        if (_labelling is { } known && known.Model.Version == version)
            return known;
        var model = await models.GetAsync(_tenant, version, cancellationToken)
            ?? throw new InvalidRequestException("version", $"there is no model version {version}");
        // Another call may have come this far first while the model was read.
        if (_labelling is { } made && made.Model.Version == version)
            return made;
        _labelling = new Labelling(model);
        for (var row = 0; row < _users.Count; row++)
            _labelling.Set(row, new FactRow(_facts, row));
        return _labelling;
    }

    private void Relabel(int row)
    {
        if (row == _users.Count - 1)
            _byName = null;
        _labelling?.Set(row, new FactRow(_facts, row));
    }

    /// <summary>Every user's segment under one model at the model's as-of (-1: they have no row by its features), and the segments' sizes.</summary>
    private sealed class Labelling(SegmentModel model)
    {
        private const int None = -1;

        private readonly double[] _sources = new double[model.Features.Count];

        public SegmentModel Model => model;

        public List<int> Labels { get; } = [];

        public long[] Sizes { get; } = new long[model.Segments.Length];

        public void Set(int row, FactRow facts)
        {
            var label = None;
            if (model.Features.RowsOf(facts) > 0)
            {
                model.Features.Sources(facts, _sources);
                label = model.Label(_sources, model.AsOf);
            }

            if (row == Labels.Count)
                Labels.Add(label);
            else
            {
                Count(Labels[row], -1);
                Labels[row] = label;
            }

            Count(label, 1);
        }

        private void Count(int label, int by)
        {
            if (label != None)
                Sizes[label] += by;
        }
    }
}
