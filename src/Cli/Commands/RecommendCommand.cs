using System.CommandLine;
using Auie.Cli.Output;
using Auie.Client.Http;

namespace Auie.Cli.Commands;

/// <summary>auie recommend.</summary>
internal static class RecommendCommand
{
    public static Command Make(CommonOptions common)
    {
        var user = new Argument<string>("USER") { Description = "The user's id; somebody who is not known gets what is popular." };
        var count = OptionForms.Whole("-n", "How many, from 1 to 100. [default: 10]", 1, 100);
        var kind = OptionForms.OneOf("--kind", "Only events, or only products.", "event", "product");
        var category = new Option<string?>("--category") { Description = "Only what has this category or tag.", HelpName = "WORD" };
        var near = new Option<string?>("--near") { Description = "Where the user is: LATITUDE,LONGITUDE or a place's name. [default: the profile's]", HelpName = "PLACE" };
        var platform = new Option<string?>("--platform") { Description = "Where it is shown: web, ios, email, …", HelpName = "NAME" };
        var record = new Option<bool>("--record") { Description = "Count it as shown to the user." };
        var recommend = new Command("recommend", "What to recommend to a user, and why.") { user, count, kind, category, near, platform, record };
        common.Run(recommend, async (parse, session, cancellationToken) =>
        {
            var recommended = await session.Engine.Recommend(parse.GetRequiredValue(user), new RecommendationOrder
            {
                N = parse.GetValue(count),
                Kind = parse.GetValue(kind),
                Category = parse.GetValue(category),
                Near = parse.GetValue(near),
                Record = parse.GetValue(record),
                Context = new RecommendationContext { Platform = parse.GetValue(platform) },
            }, cancellationToken);
            session.Print(recommended, AuieJson.Lenient.Recommendations, RecommendationViews.Of);
            return ExitCodes.Ok;
        }, "auie recommend 3197468391", "auie recommend 3197468391 -n 5 --kind event --near Medan --json");
        return recommend;
    }
}
