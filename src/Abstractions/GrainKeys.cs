namespace Auie.Abstractions;

/// <summary>How grains are addressed: text parts joined by '/', the tenant first. A tenant holds no '/'; the last part may.</summary>
public static class GrainKeys
{
    /// <summary>The tenant of an installation that has only one.</summary>
    public const string DefaultTenant = "default";

    /// <summary>The data set of all users; one shard a partition.</summary>
    public const string Users = "users";

    public static string User(string tenant, string user) => $"{tenant}/{user}";

    public static string Partition(string tenant, int number) => $"{tenant}/{number}";

    public static string ItemShard(string tenant, int number) => $"{tenant}/{number}";

    public static string Shard(string tenant, string dataSet, int number) => $"{tenant}/{dataSet}/{number}";

    public static string Segment(string tenant, long version, int segment) => $"{tenant}/{version}/{segment}";

    public static string Table(string tenant, string name) => $"{tenant}/{name}";

    /// <summary>The parts of a key, at most <paramref name="count"/>; what follows the last separator that is needed is kept whole.</summary>
    public static string[] Split(string key, int count)
    {
        var parts = key.Split('/', count);
        return parts.Length == count ? parts : throw new ArgumentException($"The grain key '{key}' does not have {count} parts.", nameof(key));
    }
}
