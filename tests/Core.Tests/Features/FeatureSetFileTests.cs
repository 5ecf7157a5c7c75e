using Auie.Core.Features;

namespace Auie.Core.Tests.Features;

public sealed class FeatureSetFileTests
{
    private static string Feature(string fields) =>
        $$"""{ "sets": [ { "name": "mine", "description": "d", "features": [ { {{fields}} } ] } ] }""";

    [Fact]
    public void An_installation_adds_sets_of_its_own()
    {
        var sets = FeatureSets.BuiltIn.With("own.json", Feature("""
            "name": "buys", "source": "purchased / events", "missing": "value:0.5", "unit": "of events", "high": "buying", "low": "looking"
            """));

        sets.TryGet("mine", out var mine).ShouldBeTrue();
        var feature = mine!.Features.Single();
        feature.Source.ShouldBe(FeatureSource.Ratio(Fact.Purchased, Fact.Events));
        feature.Missing.ShouldBe(new MissingRule(0.5));
        feature.High.ShouldBe("buying");
        sets.TryGet("interest", out _).ShouldBeTrue();
        sets.Default.Name.ShouldBe("interest");
        FeatureSets.BuiltIn.TryGet("mine", out _).ShouldBeFalse();
    }

    [Fact]
    public void An_installation_replaces_a_built_in_set_and_chooses_the_default()
    {
        var sets = FeatureSets.BuiltIn.With("own.json", """
            { "default": "engagement", "sets": [ { "name": "interest", "description": "other", "features": [ { "name": "friends" } ] } ] }
            """);

        sets.Default.Name.ShouldBe("engagement");
        sets.TryGet("interest", out var replaced).ShouldBeTrue();
        replaced!.Description.ShouldBe("other");
        replaced.Features.Single().Source.ShouldBe(FeatureSource.Of(Fact.Friends));
    }

    [Theory]
    [InlineData("\"name\": \"x\", \"source\": \"freinds\"", "source", "'freinds' is no fact; facts are birthyear")]
    [InlineData("\"name\": \"x\", \"source\": \"yes / no / maybe\"", "source", "neither a fact nor a ratio")]
    [InlineData("\"name\": \"x\", \"source\": \"yes / last_seen\"", "source", "'last_seen' is a point in time")]
    [InlineData("\"name\": \"friends\", \"transform\": \"sqrt\"", "transform", "transforms are value, log1p, years_since, days_since")]
    [InlineData("\"name\": \"friends\", \"transform\": \"days_since\"", "transform", "'friends' takes value or log1p")]
    [InlineData("\"name\": \"last_seen\"", "transform", "'last_seen' takes years_since or days_since")]
    [InlineData("\"name\": \"birthyear\", \"transform\": \"days_since\"", "transform", "'birthyear' takes value or years_since")]
    [InlineData("\"name\": \"friends\", \"missing\": \"average\"", "missing", "rules are median, zero, value:x")]
    [InlineData("\"name\": \"friends\", \"missing\": \"value:much\"", "missing", "rules are median, zero, value:x")]
    [InlineData("\"name\": \"friends\", \"mising\": \"zero\"", "mising", "there is no such field; fields are name, source")]
    [InlineData("\"name\": \"friends\", \"unit\": 3", "unit", "has to be a text that is not empty, not 3")]
    public void A_complaint_says_file_set_feature_field_and_what_is_allowed(string fields, string field, string reason)
    {
        var exception = Should.Throw<DefinitionException>(() => FeatureSets.BuiltIn.With("own.json", Feature(fields)));

        exception.Message.ShouldStartWith("own.json: set 'mine', feature '");
        exception.Where.ShouldEndWith(field);
        exception.Reason.ShouldContain(reason);
    }

    [Theory]
    [InlineData("\"name\": \"x\", \"source\": \"impressions_interested / impressions\", \"transform\": \"log1p\"", "feature 'x', transform", "takes only value")]
    [InlineData("\"name\": \"x\", \"source\": \"friends / impressions\"", "feature 'x', source", "has no value for a single answer")]
    [InlineData("\"name\": \"friends\"", "features", "has to be 'impressions_interested / impressions' or")]
    public void A_set_of_answers_is_refused_where_a_single_answer_would_have_no_value(string fields, string where, string reason)
    {
        var exception = Should.Throw<DefinitionException>(() => FeatureSets.BuiltIn.With("own.json", Feature(fields).Replace("\"d\",", "\"d\", \"rows\": \"answers\",")));

        exception.Message.ShouldStartWith("own.json: set 'mine', ");
        exception.Where.ShouldEndWith(where);
        exception.Reason.ShouldContain(reason);
    }

    [Fact]
    public void Rows_are_users_or_answers()
    {
        var exception = Should.Throw<DefinitionException>(() =>
            FeatureSets.BuiltIn.With("own.json", Feature("\"name\": \"friends\"").Replace("\"d\",", "\"d\", \"rows\": \"items\",")));

        exception.Message.ShouldBe("own.json: set 'mine', rows: 'items' is nothing that rows can be; they are users or answers");
        FeatureSets.BuiltIn.All.Select(set => (set.Name, set.RowsAre)).ShouldBe(
            [("engagement", RowKind.User), ("impressions", RowKind.Answer), ("interest", RowKind.User)]);
    }

    [Theory]
    [InlineData("{ \"sets\": [", "line 1", "not valid JSON")]
    [InlineData("[]", "", "has to be an object")]
    [InlineData("{ }", "sets", "has to be an array of objects")]
    [InlineData("{ \"sets\": [ 3 ] }", "set 1", "has to be an object, not 3")]
    [InlineData("{ \"sets\": [ { } ] }", "set 1, name", "is missing; it has to be a text")]
    [InlineData("{ \"sets\": [ { \"name\": \"a\", \"description\": \"d\", \"features\": [] } ] }", "set 'a', features", "there have to be 1 to 256, not 0")]
    [InlineData("{ \"sets\": [ { \"name\": \"a\", \"description\": \"d\", \"features\": [ { } ] } ] }", "set 'a', feature 1, name", "is missing")]
    [InlineData("{ \"sets\": [], \"default\": \"a\" }", "default", "'a' is no set; sets are engagement, impressions, interest")]
    [InlineData("{ \"sets\": [], \"sets\": [] }", "", "not valid JSON")]
    public void A_file_that_is_not_of_the_form_is_refused(string json, string where, string reason)
    {
        var exception = Should.Throw<DefinitionException>(() => FeatureSets.BuiltIn.With("own.json", json));

        exception.Where.ShouldBe(where);
        exception.Reason.ShouldContain(reason);
    }

    [Fact]
    public void Names_are_used_once()
    {
        const string Set = """{ "name": "a", "description": "d", "features": [ { "name": "friends" } ] }""";
        const string Twice = """{ "sets": [ { "name": "a", "description": "d", "features": [ { "name": "friends" }, { "name": "friends" } ] } ] }""";

        Should.Throw<DefinitionException>(() => FeatureSets.BuiltIn.With("f", $"{{ \"sets\": [ {Set}, {Set} ] }}")).Reason.ShouldContain("earlier set");
        Should.Throw<DefinitionException>(() => FeatureSets.BuiltIn.With("f", Twice)).Reason.ShouldContain("earlier feature");
    }

    [Fact]
    public void A_rule_and_a_source_are_written_as_they_are_read()
    {
        foreach (var text in new[] { "median", "zero", "value:1.5", "value:-3E+20" })
        {
            MissingRule.TryParse(text, out var rule).ShouldBeTrue();
            rule.ToString().ShouldBe(text);
        }

        FeatureSource.TryParse("interested/answered", out var source, out _).ShouldBeTrue();
        source!.ToString().ShouldBe("interested / answered");
    }
}
