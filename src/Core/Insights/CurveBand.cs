using System.Globalization;

namespace Auie.Core.Insights;

/// <summary>What a part of a feature's curve is called before people, wherever it is told.</summary>
public static class CurveBand
{
    private const string HoursToStart = "hours_to_start";
    private const int HoursOfDay = 24;

    /// <summary>What values it is of; of the time to a start in days, where it is days.</summary>
    public static string Name(Driver driver, DriverBin bin)
    {
        if (driver.Unit == InterestDrivers.Flag) return bin.From >= 1 ? "yes" : "no";
        var (from, to) = (bin.From, bin.To);
        if (driver.Feature != HoursToStart || !IsDays(from) || !IsDays(to)) return Range(from, to);
        if (!double.IsFinite(from)) return to == 0 ? "already begun" : Range(from, to);
        if (from == 0) return Text($"up to {to:0} hours before");
        return double.IsFinite(to) ? Text($"{from / HoursOfDay:0} up to {to / HoursOfDay:0} days") : Text($"{from / HoursOfDay:0} days and more");
    }

    private static bool IsDays(double hours) => !double.IsFinite(hours) || hours % HoursOfDay == 0;

    private static string Range(double from, double to) => !double.IsFinite(from) ? Text($"below {to:0.##}")
        : !double.IsFinite(to) ? Text($"{from:0.##} and more") : Text($"{from:0.##} up to {to:0.##}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
