using System.Globalization;
using System.Text;

namespace Auie.Cli.Import;

/// <summary>events: who made each, when it starts and where it is.</summary>
internal sealed class EventsTable(TableFile file, TableQuality quality) : TableReader(file, quality)
{
    private const int Id = 0, CreatorId = 1, StartTime = 2, FirstText = 3, Latitude = 7, Longitude = 8;

    private readonly IdSet _ids = new();
    private readonly string?[] _texts = new string?[Latitude - FirstText];
    private readonly StringBuilder _words = new();

    public ulong Event { get; private set; }

    /// <summary>Null where it is not known.</summary>
    public ulong? Creator { get; private set; }

    public DateTimeOffset? Start { get; private set; }

    /// <summary>What is known of the place and the words, by the names that traits of items have.</summary>
    public IEnumerable<(string Name, string Value)> Traits
    {
        get
        {
            for (var i = 0; i < _texts.Length; i++)
            {
                if (_texts[i] is { } text) yield return (Layout.ColumnsOf(Layout.Events)[FirstText + i].Name, text);
            }

            if (Latitudes is { } latitude) yield return ("lat", latitude.ToString(CultureInfo.InvariantCulture));
            if (Longitudes is { } longitude) yield return ("lng", longitude.ToString(CultureInfo.InvariantCulture));
            if (_words.Length > 0) yield return ("words", _words.ToString());
        }
    }

    private double? Latitudes { get; set; }

    private double? Longitudes { get; set; }

    protected override bool Take()
    {
        if (!NeedsId(Id, out var id)) return false;
        if (!_ids.Add(id))
        {
            Quality.RejectRow(Id, Cell(Id), Repeated);
            return false;
        }

        Event = id;
        Creator = CreatorOf();
        Start = Instant(StartTime);
        for (var i = 0; i < _texts.Length; i++) _texts[i] = Text(FirstText + i);
        Latitudes = Degrees(Latitude, 90);
        Longitudes = Degrees(Longitude, 180);
        CountWords();
        return true;
    }

    private ulong? CreatorOf()
    {
        if (!IsThere(CreatorId, out var cell)) return null;
        if (Cells.TryId(cell, out var id)) return id;
        Quality.Reject(CreatorId, cell, Cells.NoId);
        return null;
    }

    private double? Degrees(int column, int farthest)
    {
        if (!IsThere(column, out var cell)) return null;
        if (double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var degrees) && Math.Abs(degrees) <= farthest) return degrees;
        Quality.Reject(column, cell, $"is not degrees from -{farthest} to {farthest}");
        return null;
    }

    /// <summary>Words that occur, by their columns: "1:3 17:1 other:9".</summary>
    private void CountWords()
    {
        _words.Clear();
        var columns = Layout.ColumnsOf(Layout.Events);
        for (var column = Layout.FirstWord; column < columns.Length; column++)
        {
            if (!IsThere(column, out var cell)) continue;
            if (!int.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                Quality.Reject(column, cell, $"is not a whole number from 0 to {int.MaxValue}");
            else if (count > 0)
                _words.Append(_words.Length > 0 ? " " : "").Append(columns[column].Name.AsSpan("c_".Length)).Append(':').Append(count);
        }
    }
}
