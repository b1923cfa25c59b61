#Requires -Version 7.6
#Requires -Modules Microsoft.PowerShell.PlatyPS
<#
.SYNOPSIS
    Makes the help file that Get-Help reads of the pages in docs/en-US.
.DESCRIPTION
    PlatyPS reads the pages and writes MAML. What it leaves for a renderer of Markdown is taken out then, since a terminal has none: line breaks
    within paragraphs, code fences, backticks, links to files.
.EXAMPLE
    ./build.ps1 Docs
#>
[CmdletBinding()]
[OutputType([IO.FileInfo])]
param(
    # The folder that Bitswap.dll-Help.xml is written to.
    [string] $Destination = (Join-Path $PSScriptRoot 'en-US')
)

$ErrorActionPreference = 'Stop'
$maml = 'http://schemas.microsoft.com/maml/2004/10'
$dev = 'http://schemas.microsoft.com/maml/dev/2004/10'

# One line a paragraph, so that the terminal alone breaks lines; items of a list keep theirs, and so do code and output.
function ConvertTo-PlainText {
    param([string] $Text)

    $parts = [regex]::Split($Text.Trim(), '(?s)(```\w*\n.*?\n```)') | ForEach-Object {
        if ($_ -match '(?s)^```\w*\n(.*)\n```$') {
            '    ' + $Matches[1].Replace("`n", "`n    ")
        }
        else {
            $_.Trim() -split '\n\s*\n' | Where-Object Length | ForEach-Object {
                $line = [regex]::Replace($_, '\s*\n(?!\s*[-*] )\s*', ' ')
                [regex]::Replace($line, '\[([^\]]+)\]\([^)]+\)', '$1').Replace('`', '')
            }
        }
    }
    $parts -join "`n`n"
}

function Edit-Paragraph {
    param([Xml.XmlElement] $Parent, [string[]] $Text)

    $Parent.RemoveAll()
    foreach ($paragraph in $Text) {
        $null = $Parent.AppendChild($Parent.OwnerDocument.CreateElement('maml', 'para', $maml))
        $Parent.LastChild.InnerText = $paragraph
    }
}

# PlatyPS puts a whole example into the introduction: text before its first code stays there, the code goes where code belongs.
function Convert-Example {
    param([Xml.XmlElement] $Example, [Xml.XmlNamespaceManager] $Names)

    $introduction = $Example.SelectSingleNode('maml:introduction', $Names)
    $text = @($introduction.ChildNodes | ForEach-Object InnerText | Where-Object { $_ -ne [string] [char] 0x80 }) -join "`n`n"
    $parts = [regex]::Match($text, '(?s)^(.*?)```powershell\n(.*?)\n```\s*(.*)$')
    if (-not $parts.Success) {
        throw "An example has no code: $($Example.SelectSingleNode('maml:title', $Names).InnerText)"
    }

    $Example.SelectSingleNode('dev:code', $Names).InnerText = $parts.Groups[2].Value
    $before = ConvertTo-PlainText $parts.Groups[1].Value
    Edit-Paragraph $introduction @($before | Where-Object Length)
    # the empty line sets the text off from the code
    Edit-Paragraph $Example.SelectSingleNode('dev:remarks', $Names) '', (ConvertTo-PlainText $parts.Groups[3].Value)
}

$work = (New-Item -ItemType Directory -Path (Join-Path ([IO.Path]::GetTempPath()) "bitswap-help-$([guid]::NewGuid().ToString('N'))")).FullName
try {
    $pages = Get-ChildItem -LiteralPath (Join-Path $PSScriptRoot 'en-US') -Filter '*-*.md' | Sort-Object Name | Import-MarkdownCommandHelp
    $null = Export-MamlCommandHelp -CommandHelp $pages -OutputFolder $work -Force
    $document = [xml]::new()
    $document.Load((Get-ChildItem -LiteralPath $work -Recurse -Filter '*-Help.xml').FullName)
}
finally {
    Remove-Item -LiteralPath $work -Recurse -Force
}

$names = [Xml.XmlNamespaceManager]::new($document.NameTable)
$names.AddNamespace('maml', $maml)
$names.AddNamespace('dev', $dev)
$names.AddNamespace('command', 'http://schemas.microsoft.com/maml/dev/command/2004/10')
foreach ($paragraph in $document.SelectNodes('//maml:para[not(ancestor::command:example)]', $names)) {
    $paragraph.InnerText = ConvertTo-PlainText $paragraph.InnerText
}

foreach ($example in $document.SelectNodes('//command:example', $names)) {
    Convert-Example $example $names
}

# PlatyPS leaves these out
foreach ($page in $pages) {
    foreach ($parameter in $page.Parameters | Where-Object DefaultValue) {
        $path = "//command:command[command:details/command:name='$($page.Title)']/command:parameters/command:parameter[maml:name='$($parameter.Name)']"
        $default = $document.CreateElement('dev', 'defaultValue', $dev)
        $default.InnerText = $parameter.DefaultValue
        $null = $document.SelectSingleNode($path, $names).AppendChild($default)
    }
}

foreach ($link in $document.SelectNodes('//maml:navigationLink', $names)) {
    $uri = $link.SelectSingleNode('maml:uri', $names)
    if ($link.SelectSingleNode('maml:linkText', $names).InnerText -eq 'Online Version' -and -not $uri.InnerText) {
        $null = $link.ParentNode.RemoveChild($link)
    }
    elseif ($uri.InnerText -notmatch '^https?:') {
        $uri.InnerText = ''
    }
}

$settings = [Xml.XmlWriterSettings]@{ Indent = $true; NewLineChars = "`n"; Encoding = [Text.UTF8Encoding]::new($false) }
$file = Join-Path (New-Item -ItemType Directory -Force -Path $Destination).FullName 'Bitswap.dll-Help.xml'
$writer = [Xml.XmlWriter]::Create($file, $settings)
try {
    $document.Save($writer)
}
finally {
    $writer.Dispose()
}

Get-Item -LiteralPath $file
