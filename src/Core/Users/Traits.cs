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

/// <summary>Traits by name: of each the value that was set last, as given.</summary>
public abstract class Traits
{
    private static readonly string[] InstantFormats =
        ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mm:ssK", "yyyy-MM-dd"];

    private readonly List<Trait> _byName = [];

    private protected Traits()
    {
    }

    private protected Traits(Traits other) => _byName.AddRange(other._byName);

    /// <summary>Every trait, in the order of names, those taken back among them.</summary>
    internal IReadOnlyList<Trait> All => _byName;

    /// <summary>The value of a trait as given, or null.</summary>
    public string? this[string name] => Find(name) is >= 0 and var place && _byName[place].Value.Length > 0 ? _byName[place].Value : null;

    /// <summary>Every trait that has a value.</summary>
    public Dictionary<string, string> ToDictionary() =>
        _byName.Where(trait => trait.Value.Length > 0).ToDictionary(trait => trait.Name, trait => trait.Value);

    /// <summary>Every trait as it was last set, those taken back (an empty value) among them, with the time and id of the message that set it.</summary>
    public IEnumerable<(string Name, string Value, DateTimeOffset At, string MessageId)> Held() =>
        _byName.Select(trait => (trait.Name, trait.Value, new DateTimeOffset(trait.Stamp.Ticks, TimeSpan.Zero), trait.Stamp.MessageId));

    /// <summary>What a trait says where it is an ISO 8601 date or instant from 1900 to 2200; without an offset it is in UTC.</summary>
    private protected DateTimeOffset? Instant(string name) =>
        DateTimeOffset.TryParseExact(this[name], InstantFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
        && at >= EntryValidation.Earliest && at < EntryValidation.Latest ? at : null;

    /// <summary>Takes over what an entry says, where it is later than what is held.</summary>
    internal void Set(IReadOnlyDictionary<string, string>? traits, DateTimeOffset at, string messageId)
    {
        if (traits is null)
            return;
        var stamp = new Stamp(at.UtcTicks, messageId);
        foreach (var (name, value) in traits)
            Set(new Trait(name, value, stamp));
    }

    /// <summary>Takes over what others hold, where it is later.</summary>
    internal void Merge(Traits other)
    {
        foreach (var trait in other._byName)
            Set(trait);
    }

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

    /// <summary>Takes a trait out, as if it had never been set, where it has this value.</summary>
    internal bool Remove(string name, Func<string, bool> value)
    {
        var place = Find(name);
        if (place < 0 || !value(_byName[place].Value))
            return false;
        _byName.RemoveAt(place);
        return true;
    }

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
