using System.Globalization;
using Auie.Core.Codecs;

namespace Auie.Core.Users;

/// <summary>Who set a value and when: the later instant holds, and of one instant the greater message id.</summary>
internal readonly record struct Stamp(long Ticks, string MessageId) : IComparable<Stamp>
{
    public int CompareTo(Stamp other)
    {
        var instants = Ticks.CompareTo(other.Ticks);
        return instants != 0 ? instants : Utf8Order.Instance.Compare(MessageId, other.MessageId);
    }
}

/// <summary>A trait as it was last set.</summary>
internal readonly record struct Trait(string Name, string Value, Stamp Stamp);

/// <summary>A user's traits by name: of each the value that was set last, as given, and what the engine reads in the usual ones.</summary>
public sealed class UserTraits
{
    private static readonly string[] JoinedAtFormats =
        ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mm:ssK", "yyyy-MM-dd"];

    private readonly List<Trait> _byName;

    internal UserTraits() => _byName = [];

    private UserTraits(List<Trait> byName) => _byName = byName;

    /// <summary>Every trait, in the order of names, those taken back among them.</summary>
    internal IReadOnlyList<Trait> All => _byName;

    /// <summary>The value of a trait as given, or null.</summary>
    public string? this[string name] => Find(name) is >= 0 and var place && _byName[place].Value.Length > 0 ? _byName[place].Value : null;

    /// <summary>Every trait that has a value.</summary>
    public Dictionary<string, string> ToDictionary() =>
        _byName.Where(trait => trait.Value.Length > 0).ToDictionary(trait => trait.Name, trait => trait.Value);

    /// <summary>The traits that no property of this class reads.</summary>
    public Dictionary<string, string> Others() => _byName.Where(trait => trait.Value.Length > 0 && !IsUsual(trait.Name))
        .ToDictionary(trait => trait.Name, trait => trait.Value);

    /// <summary>A year from 1900 to 2000, as given; anything else (a day of May, "None") is missing.</summary>
    public int? BirthYear =>
        int.TryParse(this["birthyear"], NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year is >= 1900 and <= 2000 ? year : null;

    /// <summary>"male", "female", or the text as given.</summary>
    public string? Gender => this["gender"] is not { } text ? null
        : text.Equals("male", StringComparison.OrdinalIgnoreCase) ? "male"
        : text.Equals("female", StringComparison.OrdinalIgnoreCase) ? "female"
        : text;

    public string? Locale => this["locale"];

    public string? Location => this["location"];

    /// <summary>Minutes from UTC, within 14 hours either way.</summary>
    public int? TimezoneMinutes =>
        int.TryParse(this["timezone"], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var minutes) && minutes is >= -840 and <= 840
            ? minutes : null;

    /// <summary>An ISO 8601 date or instant from 1900 to 2200; without an offset it is in UTC.</summary>
    public DateTimeOffset? JoinedAt =>
        DateTimeOffset.TryParseExact(this["joinedAt"], JoinedAtFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
        && at >= EntryValidation.Earliest && at < EntryValidation.Latest ? at : null;

    private static bool IsUsual(string name) => name is "birthyear" or "gender" or "locale" or "location" or "timezone" or "joinedAt";

    /// <summary>Takes the value over where it is later than the one held; of one stamp the greater value holds.</summary>
    internal void Set(Trait trait)
    {
        var place = Find(trait.Name);
        if (place < 0)
        {
            _byName.Insert(~place, trait);
            return;
        }
        var held = _byName[place];
        var later = trait.Stamp.CompareTo(held.Stamp);
        if (later > 0 || (later == 0 && Utf8Order.Instance.Compare(trait.Value, held.Value) > 0))
            _byName[place] = trait;
    }

    internal UserTraits Copy() => new([.. _byName]);

    private int Find(string name)
    {
        int low = 0, high = _byName.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = Utf8Order.Instance.Compare(_byName[middle].Name, name);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return ~low;
    }
}
