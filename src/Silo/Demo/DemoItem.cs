namespace Auie.Silo.Demo;

/// <summary>What a demo item is.</summary>
public enum DemoItemType
{
    /// <summary>It takes place somewhere at some time.</summary>
    Event,

    /// <summary>It is sold anywhere at any time.</summary>
    Product,
}

/// <summary>An event or a product of the demo's catalogue.</summary>
public sealed record DemoItem
{
    public required string Id { get; init; }
    public required DemoItemType Type { get; init; }
    public required string Title { get; init; }

    /// <summary>One of <see cref="DemoTruth.Categories"/>.</summary>
    public required string Category { get; init; }

    /// <summary>What one costs, in ten-thousandths of the currency unit; 0 for an event that is free.</summary>
    public required long Price { get; init; }

    /// <summary>How many there are to sell, at least 1; null for an event that is free.</summary>
    public int? Stock { get; init; }

    /// <summary>Where an event takes place; null for a product.</summary>
    public string? Place { get; init; }

    /// <summary>In degrees; null for a product.</summary>
    public double? Latitude { get; init; }

    /// <summary>In degrees; null for a product.</summary>
    public double? Longitude { get; init; }

    /// <summary>When an event starts, with its place's offset from UTC; null for a product.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>The user who made the event known; null for a product.</summary>
    public string? Creator { get; init; }
}
