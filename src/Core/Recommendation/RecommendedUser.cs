using Auie.Core.Items;
using Auie.Core.Users;

namespace Auie.Core.Recommendation;

/// <summary>A user as recommendations are made for them, at one instant.</summary>
public sealed record RecommendedUser
{
    public required Taste Taste { get; init; }
    public Audience Audience { get; init; } = Audience.None;

    /// <summary>The persona of the user's segment; null where they are in none.</summary>
    public string? Persona { get; init; }

    /// <summary>Where the user is, and the words for it.</summary>
    public GeoPoint? Point { get; init; }
    public string? Place { get; init; }

    public int TimezoneMinutes { get; init; }

    /// <summary>What the user did with each item.</summary>
    public IReadOnlyDictionary<string, ItemAnswer> Answers { get; init; } = new Dictionary<string, ItemAnswer>();

    /// <summary>Whether an item is one that is not to be shown again: declined, said yes to, marked as interesting, come to, or bought.</summary>
    public static bool IsDone(ItemAnswer answer) =>
        answer.Purchased > 0 || answer.Came > 0 || answer.Interest is not null || answer.Attendance is EntryKind.Yes or EntryKind.No;
}
