# The pages in docs/en-US as objects, without PlatyPS. Dot-sourced by the tests of the help, while Pester looks for tests as well as when it runs them.
$HelpFolder = [IO.Path]::GetFullPath((Join-Path $PSScriptRoot '../../docs/en-US'))

# The sections of one level below a text, by their titles, in order.
function Split-Section {
    param([string] $Text, [string] $Mark)

    $sections = [ordered] @{}
    $fenced = $false
    $title = $null
    foreach ($line in $Text -split '\n') {
        if ($line.StartsWith('```')) {
            $fenced = -not $fenced
        }

        if (-not $fenced -and $line.StartsWith("$Mark ")) {
            $title = $line.Substring($Mark.Length + 1).Trim()
            $sections[$title] = [Text.StringBuilder]::new()
        }
        elseif ($title) {
            $null = $sections[$title].Append($line).Append("`n")
        }
    }

    foreach ($name in @($sections.Keys)) {
        $sections[$name] = $sections[$name].ToString().Trim()
    }

    $sections
}

# What the YAML of a parameter says.
function Read-ParameterPage {
    param([string] $Name, [string] $Text)

    $parts = [regex]::Match($Text, '(?s)^(.*?)```yaml\n(.*?)```')
    $lines = $parts.Groups[2].Value -split '\n'
    $value = { param($key) ($lines | Where-Object { $_ -match "^${key}: " } | Select-Object -First 1) -replace "^${key}: '?(.*?)'?$", '$1' }
    $sets = [Collections.Generic.List[object]]::new()
    $aliases = @()
    $inAliases = $false
    foreach ($line in $lines) {
        switch -Regex ($line) {
            '^Aliases:' { $inAliases = $true; break }
            '^\w' { $inAliases = $false; break }
            '^- Name: (.+)$' { $sets.Add([ordered] @{ Name = $Matches[1] }); break }
            '^- (\w+)$' { if ($inAliases) { $aliases += $Matches[1] }; break }
            '^  (\w+): (.+)$' { $sets[-1][$Matches[1]] = $Matches[2] }
        }
    }

    [pscustomobject]@{
        Name        = $Name
        Description = $parts.Groups[1].Value.Trim()
        Type        = & $value 'Type'
        Wildcards   = (& $value 'SupportsWildcards') -eq 'true'
        Aliases     = $aliases
        Sets        = $sets
    }
}

function Get-HelpPage {
    foreach ($file in Get-ChildItem -LiteralPath $HelpFolder -Filter '*-*.md') {
        $text = [IO.File]::ReadAllText($file.FullName).Replace("`r`n", "`n")
        $sections = Split-Section $text '##'
        $number = 0
        [pscustomobject]@{
            Name       = $file.BaseName
            Text       = $text
            Sections   = $sections
            Parameters = @((Split-Section $sections['PARAMETERS'] '###').GetEnumerator() | Where-Object Key -Like '-*' |
                    ForEach-Object { Read-ParameterPage $_.Key.Substring(1) $_.Value })
            Examples   = @((Split-Section $sections['EXAMPLES'] '###').GetEnumerator() | ForEach-Object {
                    $number++
                    $code = [regex]::Match($_.Value, '(?s)```powershell\n(.*?)\n```(?:\s*```output\n(.*?)\n```)?')
                    [pscustomobject]@{
                        Page   = $file.BaseName
                        Number = $number
                        Title  = $_.Key
                        Code   = $code.Groups[1].Value
                        Output = $code.Groups[2].Value
                        Text   = $_.Value.Substring($code.Index + $code.Length).Trim()
                    }
                })
        }
    }
}
