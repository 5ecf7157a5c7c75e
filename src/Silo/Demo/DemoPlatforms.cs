namespace Auie.Silo.Demo;

/// <summary>Where users meet the platform, and how often they come by each way.</summary>
internal static class DemoPlatforms
{
    public const string Web = "web";
    public const string Mobile = "mobile";
    public const string Email = "email";

    public static string Draw(ref DemoRandom random)
    {
        var draw = random.NextDouble();
        return draw < .45 ? Web : draw < .87 ? Mobile : Email;
    }
}
