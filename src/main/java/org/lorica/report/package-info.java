/** What a run leaves behind: the run folder, its JSON files, the summary and the console lines. */
package org.lorica.report;
