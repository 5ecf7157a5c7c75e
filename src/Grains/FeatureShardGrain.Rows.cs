using System.Runtime.InteropServices;
using Auie.Abstractions;
using Auie.Core.Features;

namespace Auie.Grains;

/// <summary>The rows that users are clustered by: pinned by jobs, and read by whoever exports them.</summary>
public sealed partial class FeatureShardGrain
{
    public Task<FeaturePage> ReadRows(string features, DateTimeOffset asOf, string? after, int users, CancellationToken cancellationToken)
    {
        if (!featureSets.TryGet(features, out var set))
            throw new InvalidRequestException("features", $"there is no feature set '{features}'; there are {string.Join(", ", featureSets.All.Select(known => known.Name))}");
        if (users < 1)
            throw new InvalidRequestException("users", $"{users} is not at least 1");

        var (ids, values) = (new List<string>(), new List<double>());
        string? last = null;
        var next = false;
        foreach (var user in _users.After(after))
        {
            if (users-- == 0)
            {
                next = true;
                break;
            }

            last = _users.User(user);
            var rows = AddRows(set, user, asOf, values);
            for (var row = 0; row < rows; row++)
                ids.Add(set.RowId(last, row));
        }

        return Task.FromResult(new FeaturePage([.. set.Features.Select(feature => feature.Name)], [.. ids], [.. values], next ? last : null));
    }

    /// <summary>Adds all rows of a user to <paramref name="values"/>, evaluated; returns how many there are.</summary>
    private int AddRows(FeatureSet features, int user, DateTimeOffset asOf, List<double> values)
    {
        var facts = _users.Facts(user);
        var (rows, at) = (features.RowsOf(facts), values.Count);
        CollectionsMarshal.SetCount(values, at + rows * features.Count);
        features.Rows(facts, asOf, CollectionsMarshal.AsSpan(values)[at..]);
        return rows;
    }
}
